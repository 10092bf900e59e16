import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "@/trainer/data/random";
import { fingerprint } from "@/trainer/io/fingerprint";
import { pageSize } from "@/trainer/loop/pagedMoments";
import { startStepping } from "@/trainer/loop/startStepping";
import type { HostBatch } from "@/trainer/loop/stepper";
import type { Batch } from "@/trainer/loop/trainStep";
import { train } from "@/trainer/recipes/train";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import * as tf from "@/trainer/runtime/tf";
import { float32 } from "@/trainer/runtime/tree";
import { collectEvents, ruleRuns } from "../../helpers/ruleRun";

let provider: Provider;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider.close());

const folder = mkdtempSync(join(tmpdir(), "paged-"));
const optimizer = {
  learningRate: 0.1,
  weightDecay: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  maxGradNorm: 0.5,
  warmupRatio: 0,
  schedule: "constant" as const,
};

/** ½|W·x|² + |b·x|: matrices and vectors, one of them over more than a page. */
const objective = (p: Readonly<Record<string, tf.Tensor>>, { x }: Batch) => {
  const product = tf.matMul(p.W as tf.Tensor2D, tf.reshape(x as tf.Tensor, [-1, 1]) as tf.Tensor2D);
  const loss = tf.add(
    tf.mul(tf.sum(tf.square(product)), 0.5),
    tf.sum(tf.abs(tf.mul(p.b as tf.Tensor, x as tf.Tensor))),
  );
  return { loss, metrics: {} };
};

test("with its moments in a file AdamW takes the same steps to the bit, in one batch and in several", async () => {
  const random = new Random(3);
  const draw = (...shape: number[]) =>
    float32(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
      shape,
    );
  const width = 1031;
  const rows = Math.ceil((1.2 * pageSize) / width);
  const parameters = { W: draw(rows, width), b: draw(width) };
  const before = parameters.W.data.slice();
  const batches = Array.from({ length: 6 }, (): HostBatch => ({ x: draw(width) }));
  const run = async (algorithm: "adamw" | "paged_adamw") => {
    const cache = new SessionCache(provider);
    const job = { parameters, objective: objective as never, rates: { b: 4 } };
    const { stepper, state, close } = startStepping(cache, job, { ...optimizer, algorithm }, { folder, from: null });
    let now = state;
    const losses: number[] = [];
    for (const [i, part] of [
      batches.slice(0, 1),
      batches.slice(1, 4),
      batches.slice(4, 5),
      batches.slice(5),
    ].entries()) {
      const { state: next, metrics } = await stepper.step(now, part, { step: i + 1, rate: 0.1 });
      now = next;
      losses.push(metrics.loss as number, metrics.grad_norm as number);
    }
    const held = [now.p, now.m, now.v].map(fingerprint);
    close();
    await cache.dispose();
    return { losses, held };
  };
  const [resident, paged] = [await run("adamw"), await run("paged_adamw")];
  expect(paged.losses).toEqual(resident.losses);
  expect(paged.held).toEqual(resident.held);
  expect(Buffer.from(parameters.W.data.buffer).equals(Buffer.from(before.buffer))).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

test("a run with a paged optimizer gives the weights of one without, cut off and started again too", async () => {
  const { config } = ruleRuns(32);
  const settings = { maxSteps: 8, samplePrompts: 0, execution: { shapes: 2 }, keep: "last" };
  const of = (name: string, algorithm: string) =>
    config("sft", name, { ...settings, optimizer: { learningRate: 0.01, schedule: "constant", algorithm } });
  const weights = ({ output }: { output: string }) => readFileSync(join(output, "model", "model.safetensors"));
  const [resident, paged] = [of("resident", "adamw"), of("paged", "paged_adamw")];
  await collectEvents(resident);
  for await (const event of train(paged)) if (event.type === "checkpoint") break;
  expect(existsSync(join(paged.output, "moments"))).toBe(false);
  const events = await collectEvents(paged);
  expect(events.find((e) => e.type === "start")).toMatchObject({ firstStep: 5 });
  expect(weights(paged).equals(weights(resident))).toBe(true);
  expect(readdirSync(paged.output).sort()).toEqual(["checkpoints", "model"]);
});
