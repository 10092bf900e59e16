import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { completeOnce } from "@/trainer/generation/generate";
import { loadModelFolder } from "@/trainer/io/modelFolder";
import { openProvider } from "@/trainer/runtime/provider";
import { plainLogits } from "../../helpers/plainLlama";

const folder = "trainer/starter";

test("the starter model fits in 8 MB and answers as a double-precision Llama written as loops does", async () => {
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  expect(bytes).toBeLessThan(8 * 2 ** 20);
  const model = loadModelFolder(folder);
  const { config, parameters, tokenizer } = model;
  const prompt = "Once upon a time";
  const ids = [config.bosId as number, ...tokenizer.encode(prompt)];
  const answer: number[] = [];
  for (let i = 0; i < 8; i++) {
    const logits = plainLogits(parameters, config, [...ids, ...answer]).at(-1) as number[];
    answer.push(logits.indexOf(Math.max(...logits)));
  }
  const request = { prompt: [{ role: "user" as const, content: prompt }], sampling: { maxTokens: 8, temperature: 0 } };
  const [completion] = await completeOnce(model, parameters, await openProvider("onnx-cpu"), [request]);
  expect(completion?.text).toBe(tokenizer.decode(answer));
});
