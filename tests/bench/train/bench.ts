import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "@/trainer/data/random";
import { parameterCount } from "@/trainer/io/modelFolder";
import { encodeSafetensors } from "@/trainer/io/safetensors";
import { configJson } from "@/trainer/models/configJson";
import { initialiseScore } from "@/trainer/models/initialise";
import { trainingEnvironment } from "@/trainer/runtime/heap";
import { benchModel, type Size } from "../decode/sizes";
import { hardware } from "../hardware";
import { pairLengths } from "./pairLengths";
import type { BenchPair, BenchReady, BenchSetup, BenchStep, Task } from "./protocol";

/**
 * Optimizer steps beside TRL's trainers on the same weights and batches, in turn in the same run:
 * npm run bench:train -- [--size 6M] [--task dpo] [--batches 6] [--rounds 2] [--threads 1] [--ways]. TIEBREAK_PEER_PYTHON names a Python
 * with torch, transformers and TRL; without it only ours is measured. `--ways` measures ours with each way of doing less
 * work switched off instead.
 */
const batchSize = 8;
const learningRate = 1e-4;
const here = fileURLToPath(new URL(".", import.meta.url));
const python = process.env.TIEBREAK_PEER_PYTHON;

const ways: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "all on": {},
  "prompt for each answer": { sharePrompt: false },
  "one document a row": { pack: false },
  "log-probabilities everywhere": { completionsOnly: false },
  "attention in one block": { attentionBlock: 4096 },
  "layers computed again": { recompute: true },
  "all off": { sharePrompt: false, pack: false, completionsOnly: false, attentionBlock: 4096 },
};

interface Side {
  readonly ready: BenchReady;
  step(batch: number): Promise<BenchStep>;
  end(): void;
}

async function start(
  command: string,
  args: readonly string[],
  setup: BenchSetup,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Side> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question: unknown) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${args.at(-1)} ended`);
    return JSON.parse(value);
  };
  return { ready: await ask(setup), step: (batch) => ask({ batch }), end: () => child.stdin.end() };
}

/** As the product's worker starts it. */
const startOurs = (setup: BenchSetup) =>
  start(process.execPath, ["--import", "tsx", join(here, "ours.ts")], setup, trainingEnvironment());

/** Batches of pairs alike in length, as a sampler that groups by length makes them; every one when `count` is 6. */
function batchesFor(vocabSize: number, count: number): BenchPair[][] {
  const random = new Random(3);
  const tokens = (n: number) => Array.from({ length: n }, () => 2 + random.below(vocabSize - 2));
  const pairs = pairLengths.map(([p, a, b]) => ({ prompt: tokens(p), chosen: tokens(a), rejected: tokens(b) }));
  const whole = pairs.length / batchSize;
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor(((i + 0.5) * whole) / count) * batchSize;
    return pairs.slice(from, from + batchSize);
  });
}

const least = (values: readonly number[]): number => Math.min(...values);

interface Figures {
  readonly seconds: number[];
  readonly cpuSeconds: number[];
  readonly losses: number[];
  readonly peakMb: number;
}

/** Each side goes through the batches once to warm up and then `rounds` times, in turn step by step; the best time of each batch counts. */
async function measure(sides: readonly Side[], batches: number, rounds: number): Promise<Figures[]> {
  const taken = sides.map(() => ({
    seconds: Array.from({ length: batches }, () => [] as number[]),
    cpuSeconds: Array.from({ length: batches }, () => [] as number[]),
    losses: [] as number[],
    peakMb: 0,
  }));
  for (let round = 0; round <= rounds; round++) {
    for (let batch = 0; batch < batches; batch++) {
      for (const [i, side] of sides.entries()) {
        const own = taken[i] as (typeof taken)[0];
        const { seconds, cpuSeconds, loss, peakBytes } = await side.step(batch);
        own.losses.push(loss);
        own.peakMb = peakBytes / 2 ** 20;
        if (round === 0) continue;
        own.seconds[batch]?.push(seconds);
        own.cpuSeconds[batch]?.push(cpuSeconds);
      }
    }
  }
  return taken.map(({ seconds, cpuSeconds, ...rest }) => ({
    ...rest,
    seconds: seconds.map(least),
    cpuSeconds: cpuSeconds.map(least),
  }));
}

const perSecond = (seconds: readonly number[]): number =>
  (seconds.length * batchSize) / seconds.reduce((a, b) => a + b, 0);

function writeModel(size: Size, task: Task): { folder: string; parameters: number; vocabSize: number } {
  const folder = mkdtempSync(join(tmpdir(), "bench-train-"));
  const { config, parameters } = benchModel(size);
  const head = task === "reward" ? "reward" : "causal";
  const weights = task === "reward" ? { ...parameters, ...initialiseScore(config, new Random(8)) } : parameters;
  // Token 0 pads; no text has it.
  writeFileSync(join(folder, "config.json"), JSON.stringify(configJson({ ...config, eosId: 0 }, head, "float32")));
  writeFileSync(join(folder, "model.safetensors"), encodeSafetensors(weights, "F32"));
  return { folder, parameters: parameterCount(weights), vocabSize: config.vocabSize };
}

async function besidePeer(setup: BenchSetup, parameters: number, size: Size, rounds: number) {
  const sides = [await startOurs(setup), ...(python ? [await start(python, [join(here, "peer.py")], setup)] : [])];
  const figures = await measure(sides, setup.batches.length, rounds);
  const [ours, peer] = figures as [Figures, Figures?];
  const real = setup.batches.flat().reduce((n, p) => n + p.prompt.length + p.chosen.length + p.rejected.length, 0);
  console.log(`${sides.map((s) => s.ready.versions).join("\n")}`);
  console.log(`losses, ours: ${ours.losses.map((x) => x.toFixed(4)).join(" ")}`);
  if (peer) {
    const gap = Math.max(...ours.losses.map((x, i) => Math.abs(x - (peer.losses[i] as number))));
    console.log(
      `losses, peer: ${peer.losses.map((x) => x.toFixed(4)).join(" ")}\nlargest difference ${gap.toExponential(1)}`,
    );
  }
  console.log(`places computed: ${sides.map((s) => s.ready.places).join(" and ")}, for ${real} tokens of pairs`);
  console.log(
    "\n| task | parameters | side | pairs/s | processor s | peak memory, MB | ratio |\n|---|---|---|---|---|---|---|",
  );
  figures.forEach(({ seconds, cpuSeconds, peakMb }, i) => {
    const cpu = cpuSeconds.reduce((a, b) => a + b, 0).toFixed(2);
    const ratio = peer && i === 0 ? (perSecond(seconds) / perSecond(peer.seconds)).toFixed(2) : "";
    const name = i === 0 ? "ours" : "TRL";
    console.log(
      `| ${setup.task} | ${size} (${parameters}) | ${name} | ${perSecond(seconds).toFixed(2)} | ${cpu} | ${peakMb.toFixed(0)} | ${ratio} |`,
    );
  });
  for (const side of sides) side.end();
}

async function eachWay(setup: BenchSetup, size: Size, rounds: number) {
  console.log(`\n| ${setup.task}, ${size} | places | pairs/s | peak memory, MB |\n|---|---|---|---|`);
  for (const [name, execution] of Object.entries(ways)) {
    const side = await startOurs({ ...setup, execution });
    const [figures] = (await measure([side], setup.batches.length, rounds)) as [Figures];
    side.end();
    console.log(
      `| ${name} | ${side.ready.places} | ${perSecond(figures.seconds).toFixed(2)} | ${figures.peakMb.toFixed(0)} |`,
    );
  }
}

const { values } = parseArgs({
  options: {
    size: { type: "string", multiple: true, default: ["6M"] },
    task: { type: "string", multiple: true, default: ["dpo", "frozen", "reward", "sft"] },
    batches: { type: "string", default: "6" },
    rounds: { type: "string", default: "2" },
    threads: { type: "string", default: String(availableParallelism()) },
    ways: { type: "boolean", default: false },
  },
});

console.log(
  `${hardware()}; batches of ${batchSize} pairs grouped by length, AdamW, float32; at most ${values.threads} threads.`,
);
for (const size of values.size as Size[]) {
  for (const task of values.task as Task[]) {
    const { folder, parameters, vocabSize } = writeModel(size, task);
    const batches = batchesFor(vocabSize, Number(values.batches));
    const setup: BenchSetup = {
      task,
      folder,
      threads: Number(values.threads),
      learningRate,
      beta: 0.1,
      batches,
      execution: {},
    };
    console.log(`\n## ${task}, ${size}`);
    if (values.ways) await eachWay(setup, size, Number(values.rounds));
    else await besidePeer(setup, parameters, size, Number(values.rounds));
    rmSync(folder, { recursive: true });
  }
}
