/**
 * `npm run bench:paged -- [--width 512] [--layers 8] [--vocab 16384]`: what AdamW takes with its moments in memory and in a
 * file. Each in a process of its own, whose peak resident memory is then the optimizer's; both end on the same weights.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fingerprint } from "@/trainer/io/fingerprint";
import { benchmarkStep } from "@/trainer/loop/benchmarkStep";
import { startStepping } from "@/trainer/loop/startStepping";
import { openProvider } from "@/trainer/runtime/provider";
import { SessionCache } from "@/trainer/runtime/sessionCache";

const { values } = parseArgs({
  options: {
    width: { type: "string", default: "512" },
    layers: { type: "string", default: "8" },
    vocab: { type: "string", default: "16384" },
    one: { type: "string" },
  },
});
const steps = 4;

interface Figures {
  readonly parameters: number;
  readonly idleBytes: number;
  readonly peakBytes: number;
  readonly stepSeconds: number;
  readonly weights: string;
}

async function one(algorithm: "adamw" | "paged_adamw"): Promise<Figures> {
  const [hiddenSize, layers, vocabSize] = [Number(values.width), Number(values.layers), Number(values.vocab)];
  const made = benchmarkStep({ hiddenSize, layers, vocabSize, heads: hiddenSize / 64, batch: 1, time: 64 });
  const [{ p }, batch] = made.inputs;
  const provider = await openProvider("onnx-cpu");
  const cache = new SessionCache(provider);
  const idleBytes = process.memoryUsage.rss();
  const folder = mkdtempSync(join(process.cwd(), "node_modules", ".cache", "paged-"));
  const optimizer = { ...made.optimizer, algorithm };
  const job = { parameters: p, objective: made.objective };
  const { stepper, state, close } = startStepping(cache, job, optimizer, { folder, from: null });
  let now = state;
  const seconds: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const started = performance.now();
    ({ state: now } = await stepper.step(now, [batch], { step, rate: 1e-3 }));
    seconds.push((performance.now() - started) / 1000);
  }
  const peakBytes = 1024 * process.resourceUsage().maxRSS;
  const weights = fingerprint(now.p);
  close();
  rmSync(folder, { recursive: true });
  await cache.dispose();
  await provider.close();
  return { parameters: made.parameters, idleBytes, peakBytes, stepSeconds: Math.min(...seconds), weights };
}

if (values.one) process.stdout.write(JSON.stringify(await one(values.one as "adamw")));
else {
  const of = (algorithm: string): Figures => {
    const args = ["--import", "tsx", import.meta.filename, ...process.argv.slice(2), "--one", algorithm];
    const run = spawnSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    if (run.status !== 0) throw new Error(`${algorithm} ended with ${run.status ?? run.signal}`);
    return JSON.parse(run.stdout);
  };
  const [resident, paged] = [of("adamw"), of("paged_adamw")];
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  const state = 8 * resident.parameters;
  const lines = [
    `${(resident.parameters / 1e6).toFixed(1)} million parameters, two moments of ${megabytes(state)} together`,
    `adamw        peak ${megabytes(resident.peakBytes)}, ${resident.stepSeconds.toFixed(2)} s a step`,
    `paged_adamw  peak ${megabytes(paged.peakBytes)}, ${paged.stepSeconds.toFixed(2)} s a step`,
    `less by ${megabytes(resident.peakBytes - paged.peakBytes)}: ${((resident.peakBytes - paged.peakBytes) / state).toFixed(2)} times the moments`,
    `weights after ${steps} steps: ${resident.weights === paged.weights ? "the same bits" : "DIFFERENT"}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
