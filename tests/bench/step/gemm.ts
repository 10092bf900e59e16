import * as ort from "onnxruntime-node";
import { encodeModel, type OnnxNode } from "@/trainer/runtime/onnx";
import { sessionOptions } from "@/trainer/runtime/onnxProvider";
import type { Readable } from "@/trainer/runtime/trace";

export const isMatmul = (op: string): boolean =>
  ["MatMul", "Gemm", "FusedMatMul", "FusedGemm", "MatMulNBits"].includes(op);

interface Product {
  readonly node: OnnxNode;
  readonly shapes: readonly (readonly number[])[];
  readonly out: readonly number[];
  readonly flops: number;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Every matrix product of a graph, with the shapes it has there. */
export function productsOf({ nodes, made, inputs, constants }: Readable): Product[] {
  const known = new Map<string, readonly number[]>([...inputs, ...constants].map((v) => [v.name, v.shape]));
  const shapeOf = (name: string) => made.get(name)?.shape ?? known.get(name) ?? [];
  return nodes
    .filter(({ op }) => isMatmul(op))
    .map((node) => {
      const shapes = node.inputs.slice(0, 2).map(shapeOf);
      const out = shapeOf(node.outputs[0] as string);
      const inner = (node.attributes.transA ? shapes[0]?.at(-2) : shapes[0]?.at(-1)) ?? 1;
      return { node, shapes, out, flops: 2 * sizeOf(out) * inner };
    });
}

/** Seconds that one product takes by itself: the same library, threads, operator and shapes, median of `rounds`. */
async function timeOf({ node, shapes, out }: Product, threads: number, rounds: number): Promise<number> {
  const inputs = shapes.map((shape, i) => ({ name: `x${i}`, dtype: "float32" as const, shape }));
  const alone = { ...node, inputs: inputs.map((x) => x.name), outputs: ["y"] };
  const y = { name: "y", dtype: "float32" as const, shape: out };
  const model = encodeModel({ nodes: [alone], constants: [], inputs, outputs: [y] });
  const session = await ort.InferenceSession.create(model, sessionOptions(threads));
  const feeds = Object.fromEntries(
    inputs.map(({ name, shape }) => [
      name,
      new ort.Tensor("float32", Float32Array.from({ length: sizeOf(shape) }, Math.random), [...shape]),
    ]),
  );
  const fetches = { y: new ort.Tensor("float32", new Float32Array(sizeOf(out)), [...out]) };
  const times: number[] = [];
  for (let i = 0; i < rounds + 1; i++) {
    const started = performance.now();
    await session.run(feeds, fetches);
    if (i > 0) times.push(performance.now() - started);
  }
  await session.release();
  return (times.sort((a, b) => a - b)[times.length >> 1] as number) / 1000;
}

/** Seconds that all of them take one after the other, equal ones measured once. */
export async function productsAlone(products: readonly Product[], threads: number, rounds = 5): Promise<number> {
  const measured = new Map<string, number>();
  let total = 0;
  for (const product of products) {
    const key = JSON.stringify([product.node.op, product.node.attributes, product.shapes]);
    const seconds = measured.get(key) ?? (await timeOf(product, threads, rounds));
    measured.set(key, seconds);
    total += seconds;
  }
  return total;
}
