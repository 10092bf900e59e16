import { join } from "node:path";
import { expect, test } from "vitest";
import { Decoder } from "@/trainer/generation/decoder";
import { complete } from "@/trainer/generation/generate";
import { openProvider } from "@/trainer/runtime/provider";
import { readLlama2c, readPieces } from "../../helpers/llama2c";

const data = process.env.TIEBREAK_REAL_DATA;

test.skipIf(!data)("karpathy's stories260K writes its known story, greedily from an empty prompt", async () => {
  const folder = join(data as string, "..", "models", "stories260K");
  const { config, parameters } = readLlama2c(join(folder, "stories260K.bin"));
  const pieces = readPieces(join(folder, "tok512.bin"));
  const decoder = new Decoder(await openProvider("onnx-cpu"), config, parameters);
  // The prompt is the first token alone; pieces of this tokenizer are plain text.
  const tokenizer = {
    encode: () => [config.bosId as number],
    idOf: () => undefined,
    streamDecoder: () => ({ push: (id: number) => pieces[id] as string, end: () => "" }),
  } as never;
  const model = { tokenizer, chatTemplate: null, bosToken: "", eosToken: "", decoder };
  const request = { prompt: [{ role: "user" as const, content: "" }], sampling: { maxTokens: 63, temperature: 0 } };
  const [completion] = await complete(model, [request]);
  expect(completion?.text.trim()).toMatch(
    /^Once upon a time, there was a little girl named Lily\. She loved to play outside in the park\./,
  );
  await decoder.dispose();
});
