import * as tf from "./tf";

interface WasmBackend extends tf.KernelBackend {
  makeOutput(shape: number[], dtype: string): tf.TensorInfo;
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array;
  disposeData(dataId: object): boolean;
}
type Kernel = (args: {
  inputs: Record<string, tf.TensorInfo>;
  attrs: Record<string, unknown>;
  backend: WasmBackend;
}) => tf.TensorInfo;

const backendName = "wasm";
let installed = false;

/** Mends two things in tfjs's wasm backend: the missing gradient of gather, and a batch matrix product 9 times slower than need be. */
export function installWasmKernels(): void {
  if (installed) return;
  installed = true;
  if (!tf.getKernel("UnsortedSegmentSum", backendName)) {
    tf.registerKernel({
      kernelName: "UnsortedSegmentSum",
      backendName,
      kernelFunc: segmentSum as unknown as tf.KernelFunc,
    });
  }
  const original = tf.getKernel("BatchMatMul", backendName);
  tf.unregisterKernel("BatchMatMul", backendName);
  const fast = fastMatMul(original.kernelFunc as unknown as Kernel);
  tf.registerKernel({ ...original, kernelFunc: fast as unknown as tf.KernelFunc });
}

const segmentSum: Kernel = ({ inputs, attrs, backend }) => {
  const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
  const out = backend.makeOutput([Number(attrs.numSegments), ...x.shape.slice(1)], "float32");
  const sums = backend.typedArrayFromHeap(out).fill(0);
  const rows = backend.typedArrayFromHeap(x);
  const ids = backend.typedArrayFromHeap(segmentIds);
  const width = rows.length / Math.max(1, ids.length);
  ids.forEach((id, row) => {
    if (id < 0) return;
    for (let j = 0; j < width; j++) sums[id * width + j] = (sums[id * width + j] ?? 0) + (rows[row * width + j] ?? 0);
  });
  return out;
};

/**
 * tfjs's wasm BatchMatMul uses XNNPACK only for a batch of one without transposes, and a plain triple loop otherwise. This
 * transposes first and goes through the batch one matrix at a time, which keeps to the fast path.
 */
function fastMatMul(original: Kernel): Kernel {
  return ({ inputs, attrs, backend }) => {
    const temporary: tf.TensorInfo[] = [];
    const plain = { transposeA: false, transposeB: false };
    const transposed = (x: tf.TensorInfo): tf.TensorInfo => {
      const perm = x.shape.map((_, i) => i);
      const last = perm.length - 1;
      [perm[last], perm[last - 1]] = [last - 1, last];
      const kernel = tf.getKernel("Transpose", backendName).kernelFunc as unknown as Kernel;
      const out = kernel({ inputs: { x }, attrs: { perm }, backend });
      temporary.push(out);
      return out;
    };
    const given = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    const a = attrs.transposeA ? transposed(given.a) : given.a;
    const b = attrs.transposeB ? transposed(given.b) : given.b;
    const [m = 1, k = 1] = a.shape.slice(-2);
    const n = b.shape.at(-1) ?? 1;
    const batch = a.shape.slice(0, -2);
    const count = tf.util.sizeFromShape(batch);
    const sameBatch = batch.join() === b.shape.slice(0, -2).join();
    let out: tf.TensorInfo;
    if (count === 1 || !sameBatch) out = original({ inputs: { a, b }, attrs: plain, backend });
    else {
      out = backend.makeOutput([...batch, m, n], "float32");
      for (let i = 0; i < count; i++) {
        const ai = copyOf(backend, a, i, [1, m, k]);
        const bi = copyOf(backend, b, i, [1, k, n]);
        const oi = original({ inputs: { a: ai, b: bi }, attrs: plain, backend });
        backend.typedArrayFromHeap(out).set(backend.typedArrayFromHeap(oi), i * m * n);
        for (const t of [ai, bi, oi]) backend.disposeData(t.dataId as object);
      }
    }
    for (const t of temporary) backend.disposeData(t.dataId as object);
    return out;
  };
}

function copyOf(backend: WasmBackend, x: tf.TensorInfo, index: number, shape: [number, number, number]): tf.TensorInfo {
  const out = backend.makeOutput(shape, "float32");
  const size = shape[1] * shape[2];
  backend.typedArrayFromHeap(out).set(backend.typedArrayFromHeap(x).subarray(index * size, (index + 1) * size));
  return out;
}
