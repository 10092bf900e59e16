import * as tf from "@tensorflow/tfjs-core";

// Gradients that tfjs-core 4.22 lacks or has wrong, registered over its own. tests/numeric/runtime/lowerings.test.ts
// compares each with central differences.

type Gradient = (dy: tf.Tensor, saved: tf.Tensor[], attributes: tf.NamedAttrMap) => ReturnType<tf.GradFunc>;

const register = (kernelName: string, inputsToSave: string[], gradFunc: Gradient) =>
  tf.registerGradient({
    kernelName,
    inputsToSave,
    gradFunc: (dy, saved, attributes) => gradFunc(dy as tf.Tensor, saved, attributes),
  });

/** Sums `gradient` over the dimensions along which an input of shape `shape` was broadcast. */
function summedTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, shape);
}

/** For z = f(a, b) with partial derivatives at each element. tfjs's own do not sum broadcast dimensions. */
function registerBinary(
  kernelName: string,
  byA: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  byB: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): void {
  register(kernelName, ["a", "b"], (dy, saved) => {
    const [a, b] = saved as [tf.Tensor, tf.Tensor];
    return {
      a: () => summedTo(tf.mul(dy, byA(a, b)), a.shape),
      b: () => summedTo(tf.mul(dy, byB(a, b)), b.shape),
    };
  });
}

const asFloat = (x: tf.Tensor) => tf.cast(x, "float32");

registerBinary(
  "Maximum",
  (a, b) => asFloat(tf.greaterEqual(a, b)),
  (a, b) => asFloat(tf.less(a, b)),
);
registerBinary(
  "Minimum",
  (a, b) => asFloat(tf.lessEqual(a, b)),
  (a, b) => asFloat(tf.greater(a, b)),
);
registerBinary(
  "SquaredDifference",
  (a, b) => tf.mul(tf.sub(a, b), 2),
  (a, b) => tf.mul(tf.sub(b, a), 2),
);

/** Piecewise constant: its gradient is nought. tfjs has that of a plain division. */
register("FloorDiv", ["a", "b"], (_dy, saved) => {
  const [a, b] = saved as [tf.Tensor, tf.Tensor];
  return { a: () => asFloat(tf.zerosLike(a)), b: () => asFloat(tf.zerosLike(b)) };
});

/** The sum runs back along the same axis. tfjs's own also transposes, for every axis but the last. */
register("Cumsum", ["x"], (dy, _saved, { axis, exclusive, reverse }) => ({
  x: () => tf.cumsum(dy, Number(axis), Boolean(exclusive), !reverse),
}));

/**
 * ∂/∂xᵢ = Π_{j≠i} xⱼ, each product by itself, so that zeros among the factors do no harm. tfjs's own needs Cumprod and
 * takes a negative axis for another.
 */
register("Prod", ["x"], (dy, saved, attributes) => {
  const [x] = saved as [tf.Tensor];
  return {
    x: () => {
      const axes = tf.util.parseAxisParam((attributes.axis ?? null) as number[], x.shape);
      const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
      const order = [...kept, ...axes];
      const n = axes.reduce((product, i) => product * (x.shape[i] as number), 1);
      const permuted = tf.transpose(x, order);
      const rows = tf.reshape(permuted, [-1, 1, n]);
      const ramp = tf.range(0, n, 1, "int32");
      const self = tf.equal(tf.reshape(ramp, [n, 1]), ramp); // [n, n]
      const others = tf.where(self, tf.onesLike(rows), rows); // [N, n, n]
      const gradient = tf.mul(tf.prod(others, -1), tf.reshape(dy, [-1, 1]));
      return tf.transpose(tf.reshape(gradient, permuted.shape), tf.backend_util.getUndoAxesPermutation(order));
    },
  };
});

/** As tfjs has it, and summed over batch dimensions that were broadcast. */
register("BatchMatMul", ["a", "b"], (dy, saved, { transposeA, transposeB }) => {
  const [a, b] = saved as [tf.Tensor, tf.Tensor];
  const [ta, tb] = [Boolean(transposeA), Boolean(transposeB)];
  return {
    a: () => summedTo(ta ? tf.matMul(b, dy, tb, true) : tf.matMul(dy, b, false, !tb), a.shape),
    b: () => summedTo(tb ? tf.matMul(dy, a, true, ta) : tf.matMul(a, dy, !ta, false), b.shape),
  };
});

/**
 * The gradients of equal indices add up. tfjs's own calls chained methods that its Node bundle lacks, when there is a batch;
 * here a batch is one long axis, with indices counted on from row to row.
 */
register("GatherV2", ["x", "indices"], (dy, saved, attributes) => {
  const [x, indices] = saved as [tf.Tensor, tf.Tensor];
  const at = tf.util.parseAxisParam(attributes.axis as number, x.shape)[0] as number;
  const batchDims = Number(attributes.batchDims ?? 0);
  if (batchDims > 0 && at !== batchDims) throw new Error("tf.gather whose axis is not batchDims has no gradient");
  const n = x.shape[at] as number;
  const inner = x.shape.slice(at + 1);
  const byX = () => {
    if (batchDims === 0) {
      const outer = x.shape.slice(0, at);
      const rows = tf.reshape(dy, [...outer, indices.size, ...inner]);
      const order = [at, ...outer.map((_, i) => i), ...inner.map((_, i) => at + 1 + i)];
      const ids = tf.reshape(indices, [indices.size]) as tf.Tensor1D;
      const sums = tf.unsortedSegmentSum(tf.transpose(rows, order), ids, n);
      return tf.transpose(sums, tf.backend_util.getUndoAxesPermutation(order));
    }
    const batch = x.shape.slice(0, at).reduce((product, size) => product * size, 1);
    const starts = tf.mul(tf.reshape(tf.range(0, batch, 1, "int32"), [batch, 1]), tf.scalar(n, "int32"));
    const ids = tf.reshape(tf.add(tf.reshape(indices, [batch, -1]), starts), [-1]) as tf.Tensor1D;
    return tf.reshape(tf.unsortedSegmentSum(tf.reshape(dy, [ids.size, ...inner]), ids, batch * n), x.shape);
  };
  return { x: byX, indices: () => asFloat(tf.zerosLike(indices)) };
});

/** tfjs has none for these two, each the other's. Repeated indices add up. */
register("GatherNd", ["params", "indices"], (dy, saved) => {
  const [params, indices] = saved as [tf.Tensor, tf.Tensor];
  return { params: () => tf.scatterND(indices, dy, params.shape), indices: () => asFloat(tf.zerosLike(indices)) };
});
register("ScatterNd", ["indices", "updates"], (dy, saved) => {
  const [indices] = saved as [tf.Tensor];
  return { indices: () => asFloat(tf.zerosLike(indices)), updates: () => tf.gatherND(dy, indices) };
});

/** "ab,bc->ac" as the indices of the operands and of the result. */
function parseEquation(equation: string): { operands: string[]; result: string } {
  const [left = "", result = ""] = equation.replaceAll(" ", "").split("->");
  return { operands: left.split(","), result };
}

/**
 * An operand's gradient is the product of dy and the other operand, summed to the operand's own indices; an index that
 * only it has was summed alone, so its gradient repeats along it. tfjs has none.
 */
tf.registerGradient({
  kernelName: "Einsum",
  saveAllInputs: true,
  gradFunc: (dy, saved, { equation }) => {
    const { operands, result } = parseEquation(String(equation));
    const gradientOf = (x: tf.Tensor, at: number) => {
      const own = operands[at] as string;
      const others = saved.filter((_, i) => i !== at);
      const factors = [result, ...operands.filter((_, i) => i !== at)];
      const kept = [...own].filter((letter) => factors.some((f) => f.includes(letter))).join("");
      const product = tf.einsum(`${factors.join()}->${kept}`, dy as tf.Tensor, ...others);
      const lonely = [...own].map((letter) => !kept.includes(letter));
      const spread = tf.reshape(
        product,
        x.shape.map((n, i) => (lonely[i] ? 1 : n)),
      );
      return tf.tile(
        spread,
        x.shape.map((n, i) => (lonely[i] ? n : 1)),
      );
    };
    return Object.fromEntries(saved.map((x, i) => [i, () => gradientOf(x, i)]));
  },
});
