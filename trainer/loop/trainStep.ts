import type { OptimizerConfig } from "../contracts/runConfig";
import { adamw, clipByGlobalNorm, globalNorm, type Rates, type StepControl, type Tensors } from "../optim/adamw";
import { muon } from "../optim/muon";
import * as tf from "../runtime/tf";

/** A batch as tensors, by name. */
export type Batch = Tensors;

/**
 * Loss to minimise and what else to report, all scalars. Pure in parameters and batch. Of a batch that is a part of a step
 * they are that part: the step's are their sums, of metrics named `min_…` and `max_…` the least and the greatest.
 */
export type Objective = (parameters: Tensors, batch: Batch) => { readonly loss: tf.Tensor; readonly metrics: Tensors };

export interface OptimizerState {
  readonly p: Tensors;
  readonly m: Tensors;
  readonly v: Tensors;
}

/** The objective as a function of the trained parameters alone; the frozen ones are constants to it. */
const over =
  (objective: Objective, frozen: Tensors): Objective =>
  (p, batch) =>
    objective({ ...frozen, ...p }, batch);

function gradientsOf(objective: Objective, p: Tensors, batch: Batch): Tensors {
  const names = Object.keys(p);
  const rebuild = (values: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, values[i] as tf.Tensor]));
  const grads = tf.grads((...values: tf.Tensor[]) => objective(rebuild(values), batch).loss);
  return rebuild(grads(names.map((name) => p[name] as tf.Tensor)));
}

/** Where the moments lie is not the update's business. */
const optimizers = { adamw, paged_adamw: adamw, muon };

/** How a step is taken once its gradients are there. */
interface Update {
  readonly config: OptimizerConfig;
  readonly rates: Rates;
}

function update({ config, rates }: Update, { p, m, v }: OptimizerState, gradients: Tensors, control: StepControl) {
  const norm = globalNorm(gradients);
  const clipped = clipByGlobalNorm(gradients, norm, config.maxGradNorm);
  return { state: optimizers[config.algorithm](p, clipped, { m, v }, control, config, rates), norm };
}

/**
 * One optimizer step as a pure function: forward, gradients, clipping, the optimizer's update. What is `frozen` goes in
 * and has neither gradient nor moments. The metrics come from a second evaluation of the objective: compiled, its nodes are
 * the forward pass's own and cost nothing.
 */
export const wholeStep =
  (objective: Objective, config: OptimizerConfig, rates: Rates = {}) =>
  (state: OptimizerState, batch: Batch, control: StepControl, frozen: Tensors = {}) => {
    const whole = over(objective, frozen);
    const { state: next, norm } = update({ config, rates }, state, gradientsOf(whole, state.p, batch), control);
    const { loss, metrics } = whole(state.p, batch);
    return { state: next, metrics: { loss, ...metrics, grad_norm: norm } as Tensors };
  };

/** The gradients of a part of a step, added to those of the parts before it. */
export const partOfStep =
  (objective: Objective) =>
  (p: Tensors, sum: Tensors, batch: Batch, frozen: Tensors = {}) => {
    const whole = over(objective, frozen);
    const gradients = gradientsOf(whole, p, batch);
    const added = Object.entries(gradients).map(([name, g]) => [name, tf.add(sum[name] as tf.Tensor, g)]);
    const { loss, metrics } = whole(p, batch);
    return { sum: Object.fromEntries(added) as Tensors, metrics: { loss, ...metrics } as Tensors };
  };

/** The end of a step made of parts: clipping and the optimizer's update. */
export const endOfStep =
  (config: OptimizerConfig, rates: Rates = {}) =>
  (state: OptimizerState, sum: Tensors, control: StepControl) => {
    const { state: next, norm } = update({ config, rates }, state, sum, control);
    return { state: next, metrics: { grad_norm: norm } as Tensors };
  };
