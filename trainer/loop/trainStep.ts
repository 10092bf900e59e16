import type { OptimizerConfig } from "../contracts/runConfig";
import { adamw, clipByGlobalNorm, globalNorm, type StepControl, type Tensors } from "../optim/adamw";
import * as tf from "../runtime/tf";

/** A batch as tensors, by name. */
export type Batch = Tensors;

/** Loss to minimise and what else to report, all scalars. Pure in parameters and batch. */
export type Objective = (parameters: Tensors, batch: Batch) => { readonly loss: tf.Tensor; readonly metrics: Tensors };

export interface OptimizerState {
  readonly p: Tensors;
  readonly m: Tensors;
  readonly v: Tensors;
}

/**
 * One optimizer step as a pure function: forward, gradients, clipping, AdamW. The metrics come from a second evaluation of
 * the objective: compiled, its nodes are the forward pass's own and cost nothing.
 */
export function trainStep(objective: Objective, config: OptimizerConfig) {
  return (
    state: OptimizerState,
    batch: Batch,
    control: { rate: tf.Tensor; correction1: tf.Tensor; correction2: tf.Tensor },
  ) => {
    const names = Object.keys(state.p);
    const rebuild = (values: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, values[i] as tf.Tensor]));
    const gradientsOf = tf.grads((...values: tf.Tensor[]) => objective(rebuild(values), batch).loss);
    const gradients = rebuild(gradientsOf(names.map((name) => state.p[name] as tf.Tensor)));
    const norm = globalNorm(gradients);
    const clipped = clipByGlobalNorm(gradients, norm, config.maxGradNorm);
    const { loss, metrics } = objective(state.p, batch);
    return {
      state: adamw(state.p, clipped, { m: state.m, v: state.v }, control as StepControl, config),
      metrics: { loss, ...metrics, grad_norm: norm } as Tensors,
    };
  };
}
