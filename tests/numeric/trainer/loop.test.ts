import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { TrainerError } from "@/trainer/contracts/error";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import { findCheckpoint, type Job, type LoopConfig, type Trained, trainLoop } from "@/trainer/loop/trainLoop";
import type { Provider } from "@/trainer/runtime/program";
import { openProvider } from "@/trainer/runtime/provider";
import * as tf from "@/trainer/runtime/tf";
import { float32, scalar } from "@/trainer/runtime/tree";

/** The loop on a problem whose losses are dictated: one parameter, whose step is its number. */
const full = vi.hoisted(() => ({ disk: false }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const writeSync = (...args: unknown[]) => {
    if (full.disk) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    return (fs.writeSync as (...a: unknown[]) => number)(...args);
  };
  return { ...fs, writeSync };
});

let provider: Provider;
beforeAll(async () => {
  provider = await openProvider("onnx-cpu");
});
afterAll(() => provider.close());

const root = mkdtempSync(join(tmpdir(), "loop-"));

function problem(
  name: string,
  {
    trainLoss = () => 1,
    evalLoss = () => 1,
    steps = 60,
    ...more
  }: Partial<LoopConfig> & {
    trainLoss?: (step: number) => number;
    evalLoss?: (step: number) => number;
    steps?: number;
  } = {},
) {
  const config: LoopConfig = {
    output: join(root, name),
    optimizer: {
      algorithm: "adamw",
      learningRate: 1,
      weightDecay: 0,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      maxGradNorm: 1,
      warmupRatio: 0,
      schedule: "constant",
    },
    evalEvery: 5,
    checkpointEvery: 5,
    keepCheckpoints: 2,
    keep: "best",
    divergenceFactor: 5,
    ...more,
  };
  let evaluations = -1;
  const job: Job = {
    parameters: { w: float32([0], [1]) },
    // The gradient is −1 whatever the loss says, so that AdamW adds its learning rate of 1 at each step.
    objective: (p, batch) => {
      const w = tf.sum(p.w as tf.Tensor);
      return { loss: tf.add(tf.sub(batch.level as tf.Tensor, w), batch.place as tf.Tensor), metrics: {} };
    },
    totalSteps: steps,
    stepsPerEpoch: steps,
    batches: (step) => ({ batches: [{ level: scalar(trainLoss(step)), place: scalar(step - 1) }], tokens: 1 }),
    evaluate: async (p) => {
      evaluations += 1;
      const at = Math.round(p.w?.data[0] as number);
      return { metrics: { eval_loss: evalLoss(at) }, intervals: {}, pairs: 1, prompts: 1 };
    },
    async *sample() {},
  };
  return { config, job, evaluations: () => evaluations };
}

async function run(
  { config, job }: Pick<ReturnType<typeof problem>, "config" | "job">,
  until = Number.POSITIVE_INFINITY,
) {
  const events: RunEvent[] = [];
  const loop = trainLoop(job, config, provider, findCheckpoint(config, job));
  let error: unknown = null;
  let trained: Trained | null = null;
  try {
    for (;;) {
      const { value, done } = await loop.next();
      if (done) {
        trained = value;
        break;
      }
      events.push(value);
      if (value.type === "checkpoint" && value.step >= until) {
        await loop.return(undefined as never);
        break;
      }
    }
  } catch (caught) {
    error = caught;
  }
  const stopped = events.find((e) => e.type === "stopped");
  const steps = events.filter((e) => e.type === "step").length;
  return { events, error: error as TrainerError | null, trained, stopped, steps, w: trained?.parameters.w?.data[0] };
}

test("each step moves the parameter by the rate and reports the dictated loss", async () => {
  const { events, w } = await run(problem("plain", { steps: 3, trainLoss: (s) => 10 + s, keep: "last" }));
  expect(w).toBeCloseTo(3, 4);
  const losses = events.flatMap((e) => (e.type === "step" ? [e.metrics.loss as number] : []));
  for (const [i, loss] of losses.entries()) expect(loss).toBeCloseTo(11 + i, 3);
});

test("a run stops early when the held-out loss has not fallen for three evaluations, and keeps the best weights", async () => {
  const evalLoss = (step: number) => (step === 0 ? 0.1 : Math.abs(step - 15) + 1);
  const { trained, stopped, steps, w } = await run(problem("early", { evalLoss, patience: 3 }));
  expect(steps).toBe(30);
  expect(stopped).toMatchObject({ reason: "early_stop", step: 30 });
  expect(stopped?.message).toMatch(/since step 15/);
  expect(w).toBeCloseTo(15, 4);
  expect(trained?.evaluation.metrics.eval_loss).toBe(1);
});

test("without patience it runs to its end; the best weights are kept, or the last when asked for", async () => {
  const evalLoss = (step: number) => Math.abs(step - 20);
  expect((await run(problem("best", { evalLoss, steps: 40 }))).w).toBeCloseTo(20, 4);
  const last = await run(problem("last", { evalLoss, steps: 40, keep: "last" }));
  expect(last.w).toBeCloseTo(40, 4);
  expect(last.trained?.evaluation.metrics.eval_loss).toBe(20);
});

test("a loss that is no number stops the run with its step, and the checkpoint before it stays", async () => {
  const p = problem("nan", { trainLoss: (s) => (s === 13 ? Number.NaN : 1) });
  const { error, stopped, steps } = await run(p);
  expect(error).toBeInstanceOf(TrainerError);
  expect(error?.code).toBe("not_finite");
  expect(error?.message).toMatch(/loss became NaN at step 13\. Lower the learning rate \(1\.0 here\)/);
  expect(stopped).toMatchObject({ reason: "not_finite", step: 13, message: error?.message });
  expect(steps).toBe(12);
  expect(readdirSync(join(p.config.output, "checkpoints"))).toEqual(["step-0000005", "step-0000010"]);
});

test("a loss that grows to more than five times its beginning stops the run as diverged", async () => {
  // The newest twenty at step 44 are 6 ones and 14 sevens, mean 5.2; at step 43 it is 4.9.
  const { error, stopped } = await run(problem("diverged", { trainLoss: (s) => (s <= 30 ? 1 : 7) }));
  expect(error?.code).toBe("diverged");
  expect(stopped).toMatchObject({ reason: "diverged", step: 44 });
  const calm = await run(problem("calm", { trainLoss: (s) => (s <= 30 ? 1 : 7), divergenceFactor: 8 }));
  expect(calm.error).toBeNull();
});

test("a resumed run diverges, stops early and keeps the best at the same steps as an uninterrupted one", async () => {
  const trainLoss = (s: number) => (s <= 30 ? 1 : 7);
  const first = problem("resumed", { trainLoss });
  await run(first, 40);
  expect((await run(first)).stopped).toMatchObject({ reason: "diverged", step: 44 });
  const evalLoss = (step: number) => Math.abs(step - 15) + 1;
  const second = problem("resumedEarly", { evalLoss, patience: 3 });
  await run(second, 20);
  const { stopped, w } = await run(second);
  expect(stopped).toMatchObject({ reason: "early_stop", step: 30 });
  expect(w).toBeCloseTo(15, 4);
});

test("a run goes on from a checkpoint written before its first look at held-out data, when there is no best yet", async () => {
  const p = problem("beforeFirstLook", { steps: 30, evalEvery: 20 });
  await run(p, 5);
  const { error, steps, w } = await run(p);
  expect(error).toBeNull();
  expect(steps).toBe(25);
  expect(w).toBeCloseTo(20, 4); // the first of two equal looks
});

test("as many checkpoints are kept as asked for", async () => {
  const p = problem("kept", { steps: 30, keepCheckpoints: 3 });
  await run(p);
  expect(readdirSync(join(p.config.output, "checkpoints"))).toEqual(["step-0000020", "step-0000025", "step-0000030"]);
});

test("a full disk costs a checkpoint, not the run: it warns, leaves nothing half written and goes on from the one before", async () => {
  const p = problem("full", {
    steps: 15,
    keep: "last",
    trainLoss: (s) => {
      full.disk = s === 10 || s === 9;
      return 1;
    },
  });
  const { events, steps } = await run(p);
  expect(steps).toBe(15);
  expect(events.filter((e) => e.type === "log")).toMatchObject([
    {
      level: "warn",
      message: expect.stringMatching(/No checkpoint at step 10\. The disk is full: .* Free some space/),
    },
  ]);
  expect(readdirSync(join(p.config.output, "checkpoints"))).toEqual(["step-0000005", "step-0000015"]);
});

test("a job that samples before every third step goes on in the middle of what it sampled, on the same figures", async () => {
  /** Each rollout is the parameter as it was when it began, and its steps see only that. */
  const sampling = (name: string) => {
    const { config, job } = problem(name, { steps: 14, keep: "last" });
    const batches: Job["batches"] = (step, { parameters, carry }) => {
      const starts = (step - 1) % 3 === 0;
      const rollout = starts ? { seen: parameters.w?.data[0] as number } : (carry as { seen: number });
      const batch = { level: scalar(rollout.seen), place: scalar(step - 1) };
      return { batches: [batch], tokens: 1, carry: rollout, ...(starts && { metrics: { score: rollout.seen } }) };
    };
    return { config, job: { ...job, batches, stepsPerRollout: 3 } };
  };
  const metrics = ({ events }: Awaited<ReturnType<typeof run>>) =>
    events.flatMap((e): Record<string, number>[] => (e.type === "step" ? [{ step: e.step, ...e.metrics }] : []));
  const whole = metrics(await run(sampling("rollouts")));
  expect(whole.map(({ loss }) => Math.round(loss as number))).toEqual([0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12, 12]);
  expect(whole.filter((m) => "score" in m).map(({ step }) => step)).toEqual([1, 4, 7, 10, 13]);
  const broken = sampling("rolloutsBroken");
  await run(broken, 5);
  const rest = metrics(await run(broken));
  expect(rest[0]?.step).toBe(6);
  expect(rest).toEqual(whole.slice(5));
});
