/**
 * `npm run bench:starter -- [--model trainer/starter] [--corpus teacher.txt]` with TIEBREAK_REAL_DATA set.
 *
 * Protocol. The stories of the sample from the first held-out one on, whole ones only, white space at both ends removed.
 * Each is encoded as the model was trained to read it: begin-of-text, the story's tokens, end-of-text (stories260K: its
 * begin-of-text at both ends). Every token after the first is scored, end-of-text included. What is longer than the context
 * is read in stretches that move by half a context, each token scored once. The sum of −log p in nats is divided by the
 * Unicode characters of the stories; special tokens count as none.
 *
 * Copying. The share of 12-word runs in what the model writes by itself (temperature 1) that also stand in the text it
 * learned from: the sample's stories before the held-out ones, and the teacher's with --corpus. Beside it the same share
 * for the held-out stories, which people may have written alike but nobody copied.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { separator } from "@/tools/starter/corpus";
import { holdOutFrom } from "@/tools/starter/recipe";
import { Teacher } from "@/tools/starter/teacher";
import { readCorpus } from "@/trainer/data/corpus";
import { ngrams } from "@/trainer/data/ngrams";
import { loadModel } from "@/trainer/generation/loadedModel";
import { loadModelFolder } from "@/trainer/io/modelFolder";
import { sequenceNats } from "@/trainer/recipes/likelihood";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";

const { values } = parseArgs({
  options: { model: { type: "string", default: "trainer/starter" }, corpus: { type: "string" } },
});
const data = process.env.TIEBREAK_REAL_DATA;
if (!data) throw new Error("Set TIEBREAK_REAL_DATA to the folder that holds tinystories/tinystories_sample.txt.");
const { train, heldOut } = readCorpus({
  sources: [{ file: join(data, "tinystories", "tinystories_sample.txt"), repeat: 1, holdOutFrom }],
  separator,
});
const characters = heldOut.reduce((sum, story) => sum + Array.from(story).length, 0);
const provider = await openProvider("auto");
const row = (...cells: (string | number)[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);

async function natsACharacter(
  model: Pick<Teacher, "config" | "parameters">,
  encode: (story: string) => number[],
): Promise<string> {
  const cache = new SessionCache(provider);
  const nats = await sequenceNats({ ...model, cache }, heldOut.map(encode));
  await cache.dispose();
  return (nats.reduce((a, b) => a + b, 0) / characters).toFixed(4);
}

const ours = loadModelFolder(values.model);
const end = ours.config.eosId as number;
const teacher = new Teacher(join(data, "..", "models", "stories260K"), provider);
row(`held out: ${heldOut.length} stories, ${characters} characters`, "nats a character", "context");
row("---", "---", "---");
row(
  `starter (${Object.values(ours.parameters).reduce((sum, p) => sum + p.data.length, 0)} parameters)`,
  await natsACharacter(ours, (story) => [end, ...ours.tokenizer.encode(story), end]),
  ours.config.maxPositions,
);
row(
  "stories260K (may have seen these stories)",
  await natsACharacter(teacher, (story) => teacher.encode(story)),
  teacher.config.maxPositions,
);

const n = 12;
const stories = 200;
const learned = [...train, ...(values.corpus ? readFileSync(values.corpus, "utf8").split(separator) : [])];
const known = new Set(learned.flatMap((text) => ngrams(text, n)));
function copied(texts: readonly string[]): string {
  const runs = texts.flatMap((text) => ngrams(text, n));
  return `${((100 * runs.filter((run) => known.has(run)).length) / runs.length).toFixed(2)} % of ${runs.length}`;
}
const model = loadModel(values.model, provider);
const requests = Array.from({ length: stories }, (_, seed) => ({
  prompt: [{ role: "user" as const, content: "" }],
  sampling: { temperature: 1, maxTokens: ours.config.maxPositions, seed },
}));
const written = (await model.complete(requests)).map(({ text }) => text);
await model.dispose();
process.stdout.write("\n");
row(`${n}-word runs found in the ${learned.length} texts learned from`, "share");
row("---", "---");
row(`${stories} stories by the starter, temperature 1`, copied(written));
row(`the ${heldOut.length} held-out stories`, copied(heldOut));
