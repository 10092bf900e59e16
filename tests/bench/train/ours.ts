import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { RunConfig } from "@/trainer/contracts/runConfig";
import { collatePairs, pairDemand, type TokenPair } from "@/trainer/data/preferences";
import { collateSequences, demandOf, documentsOf, meanOf, shares } from "@/trainer/data/sequences";
import { fitShape, planShapes } from "@/trainer/data/shapes";
import { type Parameters, readSafetensors } from "@/trainer/io/safetensors";
import { blank, type HostBatch, type State, Stepper } from "@/trainer/loop/stepper";
import type { Batch, Objective } from "@/trainer/loop/trainStep";
import { parseConfig as parseModelConfig } from "@/trainer/models/configJson";
import { type Execution, executionOf } from "@/trainer/recipes/execution";
import { completionLogProbs } from "@/trainer/recipes/forward";
import { preferenceObjective } from "@/trainer/recipes/preferenceObjective";
import { rewardObjective } from "@/trainer/recipes/reward";
import { sftObjective } from "@/trainer/recipes/sft";
import { parseConfig } from "@/trainer/recipes/train";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";
import type * as tf from "@/trainer/runtime/tf";
import { float32, type HostArray, scalar, sizeOf } from "@/trainer/runtime/tree";
import { type BenchReady, type BenchSetup, type BenchStep, trainedWhenFrozen } from "./protocol";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const ask = async <T>(): Promise<T | null> => {
  const { value, done } = await lines.next();
  return done ? null : JSON.parse(value);
};
const say = (answer: BenchReady | BenchStep) => process.stdout.write(`${JSON.stringify(answer)}\n`);

const setup = (await ask<BenchSetup>()) as BenchSetup;
const { task, folder, batches, learningRate } = setup;
const size = batches[0]?.length ?? 0;
const file = join(folder, "config.json");
const llama = parseModelConfig(JSON.parse(readFileSync(file, "utf8")), file);
const all: Parameters = readSafetensors(join(folder, "model.safetensors"));
const config: RunConfig = parseConfig({
  kind: task === "frozen" ? "dpo" : task,
  baseModel: "-",
  dataset: "-",
  output: "-",
  batchSize: size,
  maxLength: llama.maxPositions,
  softLabels: false,
  ...(task !== "reward" && task !== "sft" && { beta: setup.beta }),
  optimizer: { learningRate },
  // With a shape of its own each batch would be packed better than in a run.
  execution: { shapes: Math.max(1, batches.length - 1), ...setup.execution },
} as never);

const isTrained = (name: string) => task !== "frozen" || name.includes(trainedWhenFrozen);
const part = (wanted: boolean): Parameters =>
  Object.fromEntries(Object.entries(all).filter(([name]) => isTrained(name) === wanted));
const frozenPrefix = "frozen ";
const frozen = Object.fromEntries(Object.entries(part(false)).map(([name, x]) => [`${frozenPrefix}${name}`, x]));

const pairs = batches.map((batch) =>
  batch.map((pair): TokenPair => ({ ...pair, promptId: "", promptText: [], probability: 1, strength: 1 })),
);
const places = task === "reward" ? [] : pairs.flat().map(({ chosen, rejected }) => chosen.length + rejected.length);
const planned = executionOf(config, llama, places);
// A batch stands for many: what a shape saves here it saves often.
const execution: Execution = { ...planned, plan: { ...planned.plan, worth: 0 } };

/** The batches laid out in few shapes. */
function laidOut({ layout, plan }: Execution): HostBatch[] {
  if (task !== "sft") {
    const demands = pairs.map((batch) => pairDemand(batch, size, { layout }));
    const shapes = planShapes(demands, plan);
    return pairs.map((batch, i) => {
      const shape = fitShape(shapes, demands[i] as (typeof demands)[0], plan);
      return collatePairs(batch, size, { layout, shape }).batch;
    });
  }
  const sequences = pairs.map((batch) => batch.map(({ prompt, chosen }) => ({ prompt, completion: chosen })));
  const demands = sequences.map((batch) => demandOf(documentsOf(batch, layout), 0));
  const shapes = planShapes(demands, plan);
  return sequences.map((batch, i) => ({
    ...collateSequences(batch, { layout, shape: fitShape(shapes, demands[i] as (typeof demands)[0], plan) }),
    weight: shares(size, size, size),
    meanLength: scalar(meanOf(batch.map((s) => s.completion.length))),
  }));
}

const provider = await openProvider("onnx-cpu", { threads: setup.threads });
const hostBatches = laidOut(execution);

function objectiveOf(): Objective {
  if (config.kind === "reward") return rewardObjective(config, llama, execution);
  if (config.kind === "sft") return sftObjective(llama, execution);
  if (config.kind === "dpo") return preferenceObjective(config, llama, execution);
  throw new Error(`no objective for ${config.kind}`);
}
const inner = objectiveOf();
const objective: Objective = (p, batch) => {
  const still = Object.entries(batch).flatMap(([name, x]) =>
    name.startsWith(frozenPrefix) ? [[name.slice(frozenPrefix.length), x]] : [],
  );
  return inner({ ...Object.fromEntries(still), ...p }, batch);
};

/** The batches with the reference's log-probabilities, which are computed once. */
async function withReference(): Promise<HostBatch[]> {
  if (config.kind !== "dpo") return hostBatches;
  const cache = new SessionCache(provider);
  const forward = (p: Record<string, tf.Tensor>, batch: Batch) => completionLogProbs(p, llama, batch, execution);
  const out: HostBatch[] = [];
  for (const batch of hostBatches) {
    const args = [all, batch] as never;
    const compiled = await cache.get("logprobs", forward as never, args);
    const { data } = (await compiled.run(args)) as unknown as HostArray;
    out.push({ ...batch, ...frozen, reference: float32(Array.from(data), [2 * size]) });
  }
  await cache.dispose();
  return out;
}

const ready = await withReference();
const computed = hostBatches.reduce((sum, { ids }) => sum + sizeOf((ids as HostArray).shape), 0);
say({ versions: `Node ${process.versions.node}, ${provider.name}`, places: computed });
const stepper = new Stepper(new SessionCache(provider), objective, config.optimizer);
const trained = part(true);
let state: State = { p: trained, m: blank(trained), v: blank(trained) };
for (let step = 1; ; step++) {
  const request = await ask<{ batch: number }>();
  if (!request) break;
  const [started, used] = [performance.now(), process.cpuUsage()];
  const result = await stepper.step(state, [ready[request.batch] as HostBatch], { step, rate: learningRate });
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(used);
  const cpuSeconds = (user + system) / 1e6;
  state = result.state;
  say({ seconds, cpuSeconds, loss: result.metrics.loss as number, peakBytes: process.resourceUsage().maxRSS * 1024 });
}
