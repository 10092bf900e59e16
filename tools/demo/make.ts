import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { warmthVerdict } from "@/server/domain/demo/warmth";
import { loadModel } from "@/trainer/generation/loadedModel";
import { openProvider } from "@/trainer/runtime/provider";
import { type StoryPair, storyPairs } from "./stories";

/** Makes the demo's pairs, server/demo/*.jsonl.gz, with the starter: `npm run make:demo`. The same on every run. */
const model = loadModel("trainer/starter", await openProvider("auto"));

async function write(name: string, count: number, seed: number, keep: (pair: StoryPair) => boolean): Promise<void> {
  const lines: string[] = [];
  for await (const pair of storyPairs(model, seed, keep)) {
    lines.push(JSON.stringify(pair));
    if (lines.length === count) break;
  }
  const file = join("server", "demo", `${name}.jsonl.gz`);
  writeFileSync(file, gzipSync(`${lines.join("\n")}\n`, { level: 9 }));
  process.stdout.write(`${count} pairs in ${file}\n`);
}

await write("unlabelled", 80, 1, () => true);
// Pairs that the rule cannot tell apart carry no lesson.
await write("warmth", 2000, 2, ({ a, b }) => warmthVerdict(a, b) !== 0);
await model.dispose();
