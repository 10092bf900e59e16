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
  for (const [name, p] of Object.entries(parameters)) {
    const g = gradients[name] as tf.Tensor;
    const m = tf.add(tf.mul(moments.m[name] as tf.Tensor, config.beta1), tf.mul(g, 1 - config.beta1));
    const v = tf.add(tf.mul(moments.v[name] as tf.Tensor, config.beta2), tf.mul(tf.square(g), 1 - config.beta2));
    const update = tf.div(
      tf.mul(m, control.correction1),
      tf.add(tf.sqrt(tf.mul(v, control.correction2)), config.epsilon),
    );
    const decayed = p.rank > 1 && config.weightDecay > 0 ? tf.add(update, tf.mul(p, config.weightDecay)) : update;
    const times = rates[name] ?? 1;
    const rate = times === 1 ? control.rate : tf.mul(control.rate, times);
    next.p[name] = tf.sub(p, tf.mul(decayed, rate));
    next.m[name] = m;
    next.v[name] = v;
  }
  return next;
}
