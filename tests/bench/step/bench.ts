import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchmarkStep } from "@/trainer/loop/benchmarkStep";
import { openProvider } from "@/trainer/runtime/provider";
import { record } from "@/trainer/runtime/trace";
import { hardware } from "../hardware";
import { productsAlone, productsOf } from "./gemm";
import { parts, profileStep } from "./profile";

/**
 * Where the time of one training step goes, and its rate as a share of the same matrix products alone:
 * npm run bench:step -- [--size 6M|35M] [--steps 10] [--operators 12].
 */
const shapes = {
  "6M": { hiddenSize: 256, layers: 6, heads: 8, vocabSize: 4096, batch: 8, time: 256 },
  "35M": { hiddenSize: 512, layers: 8, heads: 8, vocabSize: 16384, batch: 4, time: 256 },
};

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "6M" },
    steps: { type: "string", default: "10" },
    operators: { type: "string", default: "12" },
  },
});
const threads = availableParallelism();
const shape = shapes[values.size as keyof typeof shapes];
const step = benchmarkStep(shape);
const graph = record(step.program as never, step.inputs);
const products = productsOf(graph);
const flops = products.reduce((sum, p) => sum + p.flops, 0);

const provider = await openProvider("onnx-cpu", { threads });
const compiled = await provider.compile(step.program, step.inputs as never);
let [inputs, previous, spare] = [
  step.inputs as unknown as readonly unknown[],
  undefined as unknown,
  undefined as unknown,
];
const times: number[] = [];
for (let i = 0; i < Number(values.steps) + 2; i++) {
  const started = performance.now();
  const out = await compiled.run(inputs as never, spare as never);
  if (i > 1) times.push(performance.now() - started);
  [spare, previous] = [previous, out];
  inputs = [(out as { state: unknown }).state, inputs[1], inputs[2]];
}
await compiled.dispose();
const stepMs = times.sort((a, b) => a - b)[times.length >> 1] as number;

const folder = mkdtempSync(join(tmpdir(), "tiebreak-profile-"));
const { byPart, byOperator } = await profileStep(graph, step.inputs, threads, folder, shape.time);
rmSync(folder, { recursive: true });
const aloneMs = (await productsAlone(products, threads)) * 1000;

const inKernels = parts.reduce((sum, part) => sum + byPart[part], 0);
const line = (label: string, ms: number) =>
  console.log(`  ${label.padEnd(26)}${ms.toFixed(1).padStart(8)} ms ${((100 * ms) / stepMs).toFixed(0).padStart(4)} %`);
console.log(`${hardware()}, ${threads} threads, ONNX Runtime on the CPU`);
console.log(
  `${(step.parameters / 1e6).toFixed(1)} M parameters, ${shape.batch} × ${shape.time} tokens, ${graph.nodes.length} nodes\n`,
);
line("one step (median)", stepMs);
for (const part of parts) line(part, byPart[part]);
line("host and between kernels", stepMs - inKernels);
console.log(
  `\n  ${((step.tokens / stepMs) * 1000).toFixed(0)} tokens/s, ${(flops / stepMs / 1e6).toFixed(0)} GFLOP/s in ${products.length} products`,
);
console.log(`  the same products alone: ${aloneMs.toFixed(1)} ms, ${(flops / aloneMs / 1e6).toFixed(0)} GFLOP/s`);
console.log(`  the step runs at ${((100 * aloneMs) / stepMs).toFixed(0)} % of them\n\nOperators that take longest:`);
for (const [name, ms] of [...byOperator].sort((a, b) => b[1] - a[1]).slice(0, Number(values.operators))) line(name, ms);
await provider.close();
