import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { derivedSeed, Random } from "@/trainer/data/random";
import type { Teacher } from "./teacher";

export const separator = "<|endoftext|>";

/** Rows that one step of the teacher takes together: more are no faster on two cores. */
const rows = 128;
const shortest = 200;

/** The stories that the starter may learn from. */
export const humanStories = (file: string, holdOutFrom: number): string[] =>
  readFileSync(file, "utf8")
    .split(separator)
    .slice(0, holdOutFrom)
    .map((story) => story.trim());

/** The distinct beginnings of one to four words that stories have. */
export function beginningsOf(stories: readonly string[]): string[] {
  const beginnings = stories.flatMap((story) => {
    const words = story.split(/\s+/, 4);
    return words.map((_, n) => words.slice(0, n + 1).join(" "));
  });
  return [...new Set(beginnings)].filter(Boolean).sort();
}

/**
 * Draws stories from the teacher until there are `characters` of them. Every other story is left to begin as the teacher
 * likes; the rest begin with the first words of some human story, each beginning equally likely, so that not all begin
 * "Once upon a time". A story is kept when it ends, has 200 characters or more, and begins (100 characters) like no other.
 */
async function* sampleStories(teacher: Teacher, beginnings: readonly string[], characters: number, seed: number) {
  const seen = new Set<string>();
  for (let batch = 0, kept = 0; kept < characters; batch++) {
    const random = new Random(derivedSeed(seed, batch));
    const wanted = Array.from({ length: rows }, (_, i) =>
      i % 2 === 0 ? "" : (beginnings[random.below(beginnings.length)] as string),
    );
    for (const story of await teacher.stories(wanted, random)) {
      const start = story?.slice(0, 100) ?? "";
      if (story === null || story.length < shortest || seen.has(start)) continue;
      seen.add(start);
      kept += story.length;
      yield story;
      if (kept >= characters) return;
    }
  }
}

/** Writes the teacher's stories to a file, whole or not at all; a file that is there is kept. */
export async function writeTeacherStories(
  file: string,
  teacher: Teacher,
  beginnings: readonly string[],
  { characters, seed }: { readonly characters: number; readonly seed: number },
): Promise<void> {
  if (existsSync(file)) return;
  const part = openSync(`${file}.part`, "w");
  for await (const story of sampleStories(teacher, beginnings, characters, seed))
    writeSync(part, `${story}\n${separator}\n`);
  closeSync(part);
  renameSync(`${file}.part`, file);
}
