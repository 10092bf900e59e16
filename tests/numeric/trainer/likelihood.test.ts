import { expect, test } from "vitest";
import { RowSampler } from "@/tools/starter/rowSampler";
import { Random } from "@/trainer/data/random";
import { sequenceNats } from "@/trainer/recipes/likelihood";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import { plainLogits, plainLogProb } from "../../helpers/plainLlama";
import { tinyModel } from "../../helpers/tinyModel";

const model = tinyModel(2, { maxPositions: 16, tied: false });
const { config, parameters } = model;
const ids = (seed: number, n: number) => {
  const random = new Random(seed);
  return Array.from({ length: n }, () => random.below(config.vocabSize));
};

test("a sequence longer than the context costs what loops in double precision say, stretch by stretch", async () => {
  const cache = new SessionCache(await openProvider("onnx-cpu"));
  const [short, long] = [ids(1, 7), ids(2, 21)];
  const nats = (sequence: number[], from: number) => {
    const logits = plainLogits(parameters, config, sequence);
    return sequence.slice(from).reduce((sum, id, i) => sum - plainLogProb(logits[from + i - 1] as number[], id), 0);
  };
  // 16 places, stride 8: tokens 1 … 15 from the start, 16 … 20 with what comes from place 8 on before them.
  const expected = [nats(short, 1), nats(long.slice(0, 16), 1) + nats(long.slice(8), 8)];
  const found = await sequenceNats({ ...model, cache }, [short, long]);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 3);
  });
  await cache.dispose();
});

test("rows of different lengths are continued together as each alone by loops: the best token when it is nearly cold", async () => {
  const sampler = new RowSampler(config, parameters, await openProvider("onnx-cpu"));
  const prompts = [ids(3, 2), ids(4, 5), ids(5, 1)];
  const rows = await sampler.sample(prompts, { temperature: 1e-4, maxTokens: 4, stopIds: [] }, new Random(0));
  prompts.forEach((prompt, i) => {
    const all = [...prompt];
    for (let n = 0; n < 4; n++) {
      const last = plainLogits(parameters, config, all).at(-1) as number[];
      all.push(last.indexOf(Math.max(...last)));
    }
    expect(rows[i]).toEqual({ ids: all.slice(prompt.length), ended: false });
  });
  const stop = rows[1]?.ids[2] as number;
  const [stopped] = await sampler.sample(
    [prompts[1] as number[]],
    { temperature: 1e-4, stopIds: [stop] },
    new Random(0),
  );
  expect(stopped).toMatchObject({ ids: rows[1]?.ids.slice(0, 2), ended: true });
  await sampler.dispose();
});
