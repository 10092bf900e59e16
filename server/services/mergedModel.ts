import { fork } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** What the merging process is told, and what it answers. */
export interface MergeTask {
  readonly folder: string;
  readonly baseFolder: string;
  readonly output: string;
  readonly title: string;
}
export type MergeAnswer = { readonly done: true } | { readonly problem: string };

const prefix = "merged-";
/** Longer than any download: what is older was left by a process that was killed. */
const staleMs = 24 * 3_600_000;

/** One at a time: each holds a whole model. */
let line: Promise<unknown> = Promise.resolve();

/** Merges base and adapter in a process of its own into a folder that the caller removes. */
export function mergeModel(task: Omit<MergeTask, "output">, dataDir: string, script: string): Promise<string> {
  const mine = line.then(async () => {
    await removeStale(dataDir);
    const place = await mkdtemp(join(dataDir, prefix));
    const output = join(place, "model");
    try {
      await run(script, { ...task, output });
      return place;
    } catch (error) {
      await rm(place, { recursive: true, force: true });
      throw error;
    }
  });
  line = mine.catch(() => {});
  return mine;
}

async function removeStale(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const path = join(dataDir, name);
    if (!name.startsWith(prefix) || Date.now() - (await stat(path)).mtimeMs < staleMs) continue;
    await rm(path, { recursive: true, force: true });
  }
}

function run(script: string, task: MergeTask): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(script, [], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    let answer: MergeAnswer | null = null;
    child.on("message", (message) => {
      answer = message as MergeAnswer;
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (answer && "done" in answer) resolve();
      else reject(new Error(`merging failed: ${answer?.problem ?? signal ?? `code ${code}`}`));
    });
    child.send(task);
  });
}
