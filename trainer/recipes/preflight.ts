import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Preflight } from "../contracts/preflight";
import type { RunConfig } from "../contracts/runConfig";
import { stateBytes } from "../contracts/trainingCost";
import { meanOf } from "../data/sequences";
import { parameterBytes, parameterCount } from "../io/modelFolder";
import { startStepping } from "../loop/startStepping";
import type { HostBatch } from "../loop/stepper";
import type { Carry, Job } from "../loop/trainLoop";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import type { PrepareOptions } from "./referenceScores";
import { prepare } from "./train";

const batchesLookedAt = 32;

/** With its moments in a file a paged optimizer has the weights once and their gradients twice. */
const trainedBytes = (trained: number, { algorithm }: RunConfig["optimizer"]): number =>
  algorithm === "paged_adamw" ? 12 * trained : stateBytes({ trained, frozen: 0 });

const places = (batch: HostBatch): number => Math.max(...Object.values(batch).map(({ data }) => data.length));

/** The batches of some steps of the first epoch; of a job that samples its own, those of the first rollout. */
async function look(job: Job): Promise<(readonly HostBatch[])[]> {
  const epoch = Math.min(job.totalSteps, job.stepsPerRollout ?? job.stepsPerEpoch);
  const looked = Math.min(batchesLookedAt, epoch);
  const found: (readonly HostBatch[])[] = [];
  const parameters = { ...job.frozen, ...job.parameters };
  let carry: Carry = null;
  for (let i = 0; i < looked; i++) {
    const step = job.stepsPerRollout ? 1 + i : 1 + Math.floor((i * epoch) / looked);
    const made = await job.batches(step, { parameters, carry });
    carry = made.carry ?? null;
    found.push(made.batches);
  }
  return found;
}

/** What all rollouts take, by the second of two: the first compiles. */
async function secondsOfRollouts(job: Job): Promise<number> {
  if (!job.stepsPerRollout) return 0;
  const now = { parameters: { ...job.frozen, ...job.parameters }, carry: null };
  await job.batches(1, now);
  const started = performance.now();
  await job.batches(1, now);
  return ((performance.now() - started) / 1000) * Math.ceil(job.totalSteps / job.stepsPerRollout);
}

export async function preflight(
  config: RunConfig,
  provider: Provider,
  options: PrepareOptions = {},
): Promise<Preflight> {
  const run = await prepare(config, provider, options);
  const cache = new SessionCache(provider);
  try {
    const { job } = run;
    const rolloutSeconds = await secondsOfRollouts(job);
    const looked = await look(job);
    const sizes = looked.map((batches) => batches.reduce((sum, batch) => sum + places(batch), 0));
    const largest = Math.max(...sizes);
    const batches = looked[sizes.indexOf(largest)] as readonly HostBatch[];
    const folder = mkdtempSync(join(tmpdir(), "preflight-"));
    const { stepper, state, close } = startStepping(cache, job, config.optimizer, { folder, from: null });
    const { state: next } = await stepper.step(state, batches, { step: 1, rate: 0 });
    const started = performance.now();
    await stepper.step(next, batches, { step: 2, rate: 0 });
    const seconds = (performance.now() - started) / 1000;
    close();
    rmSync(folder, { recursive: true });
    const trainable = parameterCount(job.parameters);
    const frozen = parameterCount(job.frozen ?? {});
    return {
      kind: config.kind,
      provider: provider.name,
      providerReason: provider.reason,
      parameters: trainable + frozen,
      trainableParameters: trainable,
      totalSteps: job.totalSteps,
      train: run.train,
      test: run.test,
      tokensPerEpoch: run.tokensPerEpoch,
      stateBytes: trainedBytes(trainable, config.optimizer) + parameterBytes(job.frozen ?? {}),
      residentBytes: process.memoryUsage.rss(),
      stepSeconds: rolloutSeconds + (seconds * meanOf(sizes) * job.totalSteps) / largest,
    };
  } finally {
    await cache.dispose();
    await run.dispose();
  }
}
