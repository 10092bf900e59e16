import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { loadModel } from "@/trainer/generation/loadedModel";
import { loadModelFolder } from "@/trainer/io/modelFolder";
import { openProvider } from "@/trainer/runtime/provider";

const python = process.env.TIEBREAK_PEER_PYTHON;
const folder = "trainer/starter";
const texts = [
  "Once upon a time, there was a little girl named Lily. She didn't like the big, dark café.",
  'Tom said, "I\'m 7 years old!"\n\nHis mom smiled — and hugged him.   The end.',
];

interface Answer {
  readonly ids: number[];
  readonly logProbs: number[];
}

if (!python) console.warn("Skipped: set TIEBREAK_PEER_PYTHON to a Python with torch and transformers.");

test.skipIf(!python)("transformers reads the starter: the same tokens, the same log-probabilities", async () => {
  const { stdout, stderr, status } = spawnSync(python as string, ["tests/interop/logProbs.py"], {
    input: JSON.stringify({ folder, texts }),
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  const answers: Answer[] = JSON.parse(stdout);
  const { tokenizer, config } = loadModelFolder(folder);
  const model = loadModel(folder, await openProvider("auto"));
  for (const [i, text] of texts.entries()) {
    const { ids, logProbs } = answers[i] as Answer;
    expect(ids).toEqual([config.bosId, ...tokenizer.encode(text)]);
    const ours = await model.scoreTokens([{ role: "user", content: "" }], [{ role: "assistant", content: text }]);
    logProbs.forEach((value, n) => {
      expect(Math.abs(value - (ours[n]?.logProb as number))).toBeLessThan(1e-4);
    });
  }
  await model.dispose();
});
