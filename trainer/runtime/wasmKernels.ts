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

/** Puts `wrap(original)` in the place of a kernel, or a new one where there is none. */
function install(kernelName: string, wrap: (original: Kernel) => Kernel): void {
  const config = tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined;
  if (config) tf.unregisterKernel(kernelName, backendName);
  const kernelFunc = wrap(config?.kernelFunc as unknown as Kernel) as unknown as tf.KernelFunc;
  tf.registerKernel({ ...config, kernelName, backendName, kernelFunc });
}

/**
 * Mends tfjs's wasm backend: UnsortedSegmentSum (the gradient of gather) and Einsum are missing, a cast to bool keeps the
 * low byte, gather of a batch reads past its indices, whole numbers are divided as floats, and the batch matrix product is 9 times slower than need be.
 */
export function installWasmKernels(): void {
  if (installed) return;
  installed = true;
  install("UnsortedSegmentSum", () => segmentSum);
  install("Einsum", () => einsum);
  install("Cast", castToBool);
  install("GatherV2", gatherBatch);
  install("FloorDiv", floorDivOfWholeNumbers);
  install("BatchMatMul", fastMatMul);
}

const castToBool =
  (original: Kernel): Kernel =>
  (args) => {
    if (args.attrs.dtype !== "bool") return original(args);
    const x = args.inputs.x as tf.TensorInfo;
    const out = args.backend.makeOutput(x.shape, "bool");
    args.backend.typedArrayFromHeap(out).set(args.backend.typedArrayFromHeap(x).map((value) => Number(value !== 0)));
    return out;
  };

const floorDivOfWholeNumbers =
  (original: Kernel): Kernel =>
  (args) => {
    const { a, b } = args.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    if (a.dtype !== "int32") return original(args);
    const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const out = args.backend.makeOutput(shape, "int32");
    const [x, y, quotients] = [a, b, out].map((t) => args.backend.typedArrayFromHeap(t)) as [
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    const place = (own: readonly number[]) => {
      const strides = tf.util.computeStrides([1, ...own, 1]).slice(1);
      return (at: number[]) =>
        own.reduce((sum, n, i) => sum + (n === 1 ? 0 : (at[at.length - own.length + i] ?? 0) * (strides[i] ?? 1)), 0);
    };
    const [placeA, placeB] = [place(a.shape), place(b.shape)];
    const outStrides = tf.util.computeStrides(shape);
    for (let i = 0; i < quotients.length; i++) {
      const at = tf.util.indexToLoc(i, shape.length, outStrides);
      quotients[i] = Math.floor((x[placeA(at)] ?? 0) / (y[placeB(at)] ?? 1));
    }
    return out;
  };

/** A batch as one long axis, with indices counted on from row to row. */
const gatherBatch =
  (original: Kernel): Kernel =>
  ({ inputs, attrs, backend }) => {
    const batchDims = Number(attrs.batchDims ?? 0);
    if (batchDims === 0) return original({ inputs, attrs, backend });
    const { x, indices } = inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
    const at = tf.util.parseAxisParam(attrs.axis as number, x.shape)[0] as number;
    if (at !== batchDims) throw new Error("tf.gather whose axis is not batchDims is not computed on wasm");
    const n = x.shape[at] as number;
    const inner = x.shape.slice(at + 1);
    const rows = tf.util.sizeFromShape(indices.shape.slice(at));
    const flat = backend.makeOutput([tf.util.sizeFromShape(indices.shape)], "int32");
    const own = backend.typedArrayFromHeap(indices);
    backend.typedArrayFromHeap(flat).set(own.map((index, i) => index + Math.floor(i / rows) * n));
    const long = { ...x, shape: [tf.util.sizeFromShape(x.shape.slice(0, at + 1)), ...inner] };
    const out = original({ inputs: { x: long, indices: flat }, attrs: { axis: 0, batchDims: 0 }, backend });
    backend.disposeData(flat.dataId as object);
    return { ...out, shape: [...indices.shape, ...inner] };
  };

/** By its definition, index by index: there for completeness, not for speed. */
const einsum: Kernel = ({ inputs, attrs, backend }) => {
  const operands = Object.values(inputs);
  const [left = "", result = ""] = String(attrs.equation).replaceAll(" ", "").split("->");
  const letters = left.split(",");
  const sizes = new Map(letters.flatMap((own, i) => [...own].map((l, d) => [l, operands[i]?.shape[d] ?? 1])));
  const all = [...sizes.keys()];
  const stridesOf = (own: string) =>
    all.map((letter) => {
      const at = own.indexOf(letter);
      return at < 0 ? 0 : [...own.slice(at + 1)].reduce((product, l) => product * (sizes.get(l) ?? 1), 1);
    });
  const strides = letters.map(stridesOf);
  const outStrides = stridesOf(result);
  const out = backend.makeOutput(
    [...result].map((l) => sizes.get(l) ?? 1),
    "float32",
  );
  const sums = backend.typedArrayFromHeap(out).fill(0);
  const data = operands.map((x) => backend.typedArrayFromHeap(x));
  const visit = (depth: number, places: number[], at: number): void => {
    if (depth === all.length) {
      sums[at] = (sums[at] ?? 0) + data.reduce((product, d, i) => product * (d[places[i] ?? 0] ?? 0), 1);
      return;
    }
    for (let i = 0; i < (sizes.get(all[depth] ?? "") ?? 1); i++) {
      visit(
        depth + 1,
        places.map((p, n) => p + i * (strides[n]?.[depth] ?? 0)),
        at + i * (outStrides[depth] ?? 0),
      );
    }
  };
  visit(
    0,
    operands.map(() => 0),
    0,
  );
  return out;
};

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
