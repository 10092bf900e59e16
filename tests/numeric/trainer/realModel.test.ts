import { join } from "node:path";
import { expect, test } from "vitest";
import { hiddenStates, logitsOf } from "@/trainer/models/llama";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import { type HostArray, int32 } from "@/trainer/runtime/tree";
import { readLlama2c, readPieces } from "../../helpers/llama2c";

const data = process.env.TIEBREAK_REAL_DATA;

test.skipIf(!data)("karpathy's stories260K writes its known story, greedily from an empty prompt", async () => {
  const folder = join(data as string, "..", "models", "stories260K");
  const { config, parameters } = readLlama2c(join(folder, "stories260K.bin"));
  const pieces = readPieces(join(folder, "tok512.bin"));
  const T = 64;
  const next = (p: Record<string, tf.Tensor>, ids: tf.Tensor) =>
    tf.argMax(logitsOf(p, config, hiddenStates(p, config, ids)), -1);
  const provider = await openProvider("onnx-cpu");
  const compiled = await provider.compile(next as never, [parameters, int32(new Int32Array(T), [1, T])] as never);
  const ids = new Int32Array(T);
  ids[0] = 1;
  for (let i = 0; i + 1 < T; i++) {
    const best = (await compiled.run([parameters, int32(ids, [1, T])] as never)) as unknown as HostArray;
    ids[i + 1] = best.data[i] as number;
  }
  const text = Array.from(ids.subarray(1), (id) => pieces[id])
    .join("")
    .trim();
  expect(text).toMatch(
    /^Once upon a time, there was a little girl named Lily\. She loved to play outside in the park\./,
  );
  await compiled.dispose();
});
