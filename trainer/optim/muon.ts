import type { OptimizerConfig } from "../contracts/runConfig";
import * as tf from "../runtime/tf";
import { adamw, type Rates, type StepControl, type Tensors } from "./adamw";

/** a, b, c of the quintic iteration X ← aX + (bA + cA²)X, A = XXᵀ (Jordan et al. 2024). */
const [a, b, c] = [3.4445, -4.775, 2.0315];
const iterations = 5;
const momentum = 0.95;
/** A matrix's update gets about the root mean square that AdamW's has, so that one rate serves both (Liu et al. 2025). */
const likeAdamw = 0.2;

/** UVᵀ of a matrix UΣVᵀ, roughly: all its singular values are brought near 1 by five steps of Newton–Schulz. */
export function orthogonalised(matrix: tf.Tensor): tf.Tensor {
  const [rows, columns] = matrix.shape as [number, number];
  const tall = rows > columns;
  let x = (tall ? tf.transpose(matrix) : matrix) as tf.Tensor2D;
  x = tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), 1e-7));
  for (let i = 0; i < iterations; i++) {
    const gram = tf.matMul(x, x, false, true);
    const polynomial = tf.add(tf.mul(gram, b), tf.mul(tf.matMul(gram, gram), c)) as tf.Tensor2D;
    x = tf.add(tf.mul(x, a), tf.matMul(polynomial, x));
  }
  return tall ? tf.transpose(x) : x;
}

/** Matrices that map hidden vectors to hidden vectors; embeddings, heads and gains stay with AdamW. */
const isHidden = (name: string, p: tf.Tensor): boolean => p.rank === 2 && name.endsWith("_proj.weight");

/**
 * Muon (Jordan et al. 2024) with Nesterov momentum on the hidden matrices, in `m`, and AdamW on everything else; decoupled
 * weight decay on both. `v` of a hidden matrix stays as it is.
 */
export function muon(
  parameters: Tensors,
  gradients: Tensors,
  moments: { m: Tensors; v: Tensors },
  control: StepControl,
  config: OptimizerConfig,
  rates: Rates = {},
) {
  const hidden = Object.keys(parameters).filter((name) => isHidden(name, parameters[name] as tf.Tensor));
  const others = (tensors: Tensors): Tensors =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => !hidden.includes(name)));
  const next = adamw(
    others(parameters),
    gradients,
    { m: others(moments.m), v: others(moments.v) },
    control,
    config,
    rates,
  );
  for (const name of hidden) {
    const [p, g] = [parameters[name] as tf.Tensor, gradients[name] as tf.Tensor];
    const m = tf.add(tf.mul(moments.m[name] as tf.Tensor, momentum), g);
    const direction = orthogonalised(tf.add(g, tf.mul(m, momentum)));
    const update = tf.mul(direction, likeAdamw * Math.sqrt(Math.max(...p.shape)));
    next.p[name] = tf.sub(p, tf.mul(tf.add(update, tf.mul(p, config.weightDecay)), control.rate));
    next.m[name] = m;
    next.v[name] = moments.v[name] as tf.Tensor;
  }
  // In the parameters' order: the state goes in again as it comes out.
  const ordered = (tensors: Tensors) =>
    Object.fromEntries(Object.keys(parameters).map((name) => [name, tensors[name] as tf.Tensor]));
  return { p: ordered(next.p), m: ordered(next.m), v: ordered(next.v) };
}
