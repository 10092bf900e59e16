import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { encodeModel } from "@/trainer/runtime/onnx";
import { sessionOptions } from "@/trainer/runtime/onnxProvider";
import type { Readable } from "@/trainer/runtime/trace";
import { type HostArray, isHostArray, leavesOf } from "@/trainer/runtime/tree";
import { isMatmul } from "./gemm";

export const parts = ["matmul", "attention", "optimizer", "elementwise"] as const;
export type Part = (typeof parts)[number];

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly output_type_shape?: readonly Record<string, number[]>[] };
}

/** Values that depend on the optimizer's own inputs or on the gradient's norm: everything after the gradients. */
function optimizerValues({ nodes, inputs, outputs, outputTree }: Readable, isOptimizer: (input: number) => boolean) {
  const marked = new Set(inputs.filter((_, i) => isOptimizer(i)).map((v) => v.name));
  const norm = outputs[(outputTree as { metrics: { grad_norm: number } }).metrics.grad_norm];
  if (norm) marked.add(norm.name);
  for (const node of nodes) {
    if (node.inputs.some((name) => marked.has(name))) for (const out of node.outputs) marked.add(out);
  }
  return marked;
}

/** Milliseconds of one run by part and by operator, from ONNX Runtime's profiler. */
export async function profileStep(
  graph: Readable,
  inputs: readonly unknown[],
  threads: number,
  folder: string,
  time: number,
) {
  const leaves = leavesOf(inputs, isHostArray);
  const [state, batch] = inputs as [{ p: object }, object];
  const nP = leavesOf(state.p, isHostArray).length;
  const nState = leavesOf(state, isHostArray).length;
  const nBatch = leavesOf(batch, isHostArray).length;
  const afterGradients = optimizerValues(graph, (i) => (i >= nP && i < nState) || i >= nState + nBatch);
  const session = await ort.InferenceSession.create(encodeModel(graph), {
    ...sessionOptions(threads),
    enableProfiling: true,
    profileFilePrefix: join(folder, "profile"),
  });
  const feeds = Object.fromEntries(
    leaves.map(({ dtype, data, shape }: HostArray, i) => [
      graph.inputs[i]?.name ?? "",
      new ort.Tensor(dtype, data as never, [...shape]),
    ]),
  );
  const runs = 3;
  for (let i = 0; i < runs + 1; i++) await session.run(feeds);
  session.endProfiling();
  await session.release();
  const file = readdirSync(folder).find((name) => name.startsWith("profile")) as string;
  const events = JSON.parse(readFileSync(join(folder, file), "utf8")) as ProfileEvent[];
  const kernels = events.filter((e) => e.cat === "Node" && e.name.endsWith("_kernel_time"));
  const perRun = kernels.slice(kernels.length / (runs + 1));
  const partOf = (event: ProfileEvent): Part => {
    const op = event.args?.op_name ?? "";
    const shapes = (event.args?.output_type_shape ?? []).flatMap((s) => Object.values(s));
    const value = event.name.replace(/^n_/, "").replace(/_kernel_time$/, "");
    if (afterGradients.has(value)) return "optimizer";
    const perPair = shapes.some((s) => s.length >= 3 && s.at(-1) === time) || op === "Softmax";
    if (perPair || (isMatmul(op) && shapes.some((s) => s.length >= 3))) return "attention";
    return isMatmul(op) ? "matmul" : "elementwise";
  };
  const byPart: Record<Part, number> = { matmul: 0, attention: 0, optimizer: 0, elementwise: 0 };
  const byOperator = new Map<string, number>();
  for (const event of perRun) {
    const ms = event.dur / 1000 / runs;
    byPart[partOf(event)] += ms;
    const key = `${partOf(event)} ${event.args?.op_name}`;
    byOperator.set(key, (byOperator.get(key) ?? 0) + ms);
  }
  return { byPart, byOperator };
}
