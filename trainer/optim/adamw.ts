import type { OptimizerConfig } from "../contracts/runConfig";
import * as tf from "../runtime/tf";

export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** What changes from step to step, each a scalar: rate, 1/(1−β₁ᵗ) and 1/(1−β₂ᵗ). */
export interface StepControl {
  readonly rate: tf.Tensor;
  readonly correction1: tf.Tensor;
  readonly correction2: tf.Tensor;
}

/** How many times the learning rate a parameter's own is, by name; 1 where nothing is said. */
export type Rates = Readonly<Record<string, number>>;

/** ‖g‖₂ over all gradients. */
export const globalNorm = (gradients: Tensors): tf.Tensor =>
  tf.sqrt(tf.addN(Object.values(gradients).map((g) => tf.sum(tf.square(g)))));

/** Gradients scaled down to a global norm of `max` (Pascanu et al. 2013; 1e-6 as PyTorch has it). */
export function clipByGlobalNorm(gradients: Tensors, norm: tf.Tensor, max: number): Tensors {
  const scale = tf.minimum(1, tf.div(max, tf.add(norm, 1e-6)));
  return Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, tf.mul(g, scale)]));
}

/**
 * AdamW (Loshchilov & Hutter 2019, algorithm 2), float32, weight decay decoupled and on matrices only:
 * θ ← θ − η(m̂/(√v̂ + ε) + λθ). State by name, so that adding a parameter cannot shift another's moments.
 */
export function adamw(
  parameters: Tensors,
  gradients: Tensors,
  moments: { m: Tensors; v: Tensors },
  control: StepControl,
  config: OptimizerConfig,
  rates: Rates = {},
) {
  const next = {
    p: {} as Record<string, tf.Tensor>,
    m: {} as Record<string, tf.Tensor>,
    v: {} as Record<string, tf.Tensor>,
  };
  // m̂/(√v̂ + ε) = (c₁/√c₂)·m/(√v + ε/√c₂): the corrections meet single numbers, not whole arrays.
  const root = tf.sqrt(control.correction2);
  const [correction, epsilon] = [tf.div(control.correction1, root), tf.div(config.epsilon, root)];
  for (const [name, p] of Object.entries(parameters)) {
    const g = gradients[name] as tf.Tensor;
    const m = tf.add(tf.mul(moments.m[name] as tf.Tensor, config.beta1), tf.mul(g, 1 - config.beta1));
    const v = tf.add(tf.mul(moments.v[name] as tf.Tensor, config.beta2), tf.mul(tf.square(g), 1 - config.beta2));
    const rate = tf.mul(control.rate, rates[name] ?? 1);
    const update = tf.mul(tf.div(m, tf.add(tf.sqrt(v), epsilon)), tf.mul(rate, correction));
    const decayed = p.rank > 1 && config.weightDecay > 0 ? tf.mul(p, tf.sub(1, tf.mul(rate, config.weightDecay))) : p;
    next.p[name] = tf.sub(decayed, update);
    next.m[name] = m;
    next.v[name] = v;
  }
  return next;
}
