import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collatePairs, tokenisePairs } from "@/trainer/data/preferences";
import { Random } from "@/trainer/data/random";
import { loadModel } from "@/trainer/generation/loadedModel";
import { loadModelFolder, saveModelFolder } from "@/trainer/io/modelFolder";
import { initialiseScore } from "@/trainer/models/initialise";
import { rewards } from "@/trainer/recipes/forward";
import { openProvider } from "@/trainer/runtime/provider";
import type { HostArray } from "@/trainer/runtime/tree";
import { plainLogits, plainLogProb } from "../../helpers/plainLlama";
import { tinyModel, writeTinyModel } from "../../helpers/tinyModel";

const folder = mkdtempSync(join(tmpdir(), "inference-"));
const say = (role: "user" | "assistant", content: string) => [{ role, content }];
const prompt = say("user", "the cat is");
const answers = [" very good. the dog ran to the red sun.", " evil."];

function writeReward(): string {
  const base = tinyModel(3);
  const { hiddenSize } = base.config;
  // Larger than a fresh head's, so that scores differ in their leading digits.
  const score = initialiseScore(base.config, new Random(4))["score.weight"];
  const loud = {
    dtype: "float32" as const,
    shape: [1, hiddenSize],
    data: ((score as HostArray).data as Float32Array).map((w) => 30 * w),
  };
  const reward = { ...base, head: "reward" as const, parameters: { ...base.parameters, "score.weight": loud } };
  saveModelFolder(join(folder, "reward"), reward, "# reward\n", "F32");
  return join(folder, "reward");
}

test("a score is the one that training sees for the pair in a batch, computed eagerly", async () => {
  const path = writeReward();
  const loaded = loadModel(path, await openProvider("onnx-cpu"));
  const scores = [];
  for (const text of answers) scores.push(await loaded.scoreReward(prompt, say("assistant", text)));
  await loaded.dispose();

  const model = loadModelFolder(path);
  const [chosen, rejected] = answers.map((text) => say("assistant", text)) as [typeof prompt, typeof prompt];
  const pair = { id: "1", promptId: "1", prompt, chosen, rejected, probability: 1, strength: 1 };
  const { pairs } = tokenisePairs([pair], model, model.config.maxPositions);
  const eager = await openProvider("wasm");
  const args = [model.parameters, collatePairs(pairs, 2).batch] as never;
  const forward = (p: never, batch: never) => rewards(p, model.config, batch);
  const compiled = await eager.compile(forward as never, args);
  const { data } = (await compiled.run(args)) as unknown as HostArray;
  // Rows: chosen, chosen again to fill the batch, rejected, rejected again.
  expect(Math.abs((scores[0] as number) - (data[0] as number))).toBeLessThan(1e-5);
  expect(Math.abs((scores[1] as number) - (data[2] as number))).toBeLessThan(1e-5);
  expect(Math.abs((scores[0] as number) - (scores[1] as number))).toBeGreaterThan(1e-2);
});

test("tokens of a text are scored as by a double-precision Llama; their pieces are the text", async () => {
  const folderOfPolicy = writeTinyModel(join(folder, "scored"));
  const loaded = loadModel(folderOfPolicy, await openProvider("onnx-cpu"));
  const { config, parameters, tokenizer } = loadModelFolder(folderOfPolicy);
  const answer = " sat on the é mat.";
  const tokens = await loaded.scoreTokens(prompt, say("assistant", answer));
  expect(tokens.map((t) => t.text).join("")).toBe(answer);
  const before = [config.bosId as number, ...tokenizer.encode("the cat is")];
  const ids = [...tokenizer.encode(answer), config.eosId as number];
  expect(tokens.map((t) => t.id)).toEqual(ids);
  const logits = plainLogits(parameters, config, [...before, ...ids]);
  tokens.forEach(({ logProb }, i) => {
    const expected = plainLogProb(logits[before.length + i - 1] as number[], ids[i] as number);
    expect(Math.abs(logProb - expected)).toBeLessThan(1e-5);
  });
  await loaded.dispose();
});

test("a language model has no score, a reward model does not answer; both say so", async () => {
  const provider = await openProvider("onnx-cpu");
  const policy = loadModel(writeTinyModel(join(folder, "policy")), provider);
  await expect(policy.scoreReward(prompt, prompt)).rejects.toThrow(/is a language model and cannot score answers/);
  const reward = loadModel(writeReward(), provider);
  const sampling = { maxTokens: 4, temperature: 0, topK: 0, topP: 1, seed: 0 };
  await expect(reward.generate({ prompt, sampling }).next()).rejects.toThrow(/is a reward model and cannot answer/);
});
