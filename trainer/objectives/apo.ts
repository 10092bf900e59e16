import type { PairHyperparameters } from "../contracts/losses";
import * as tf from "../runtime/tf";
import { deltaOf, logRatio, type Side } from "./side";

type Beta = Pick<PairHyperparameters, "beta">;

const sigma = (ratio: tf.Tensor, beta: number): tf.Tensor => tf.sigmoid(tf.mul(ratio, beta));

/** Anchored preference optimisation (D'Oosterlinck et al. 2024, eq. 7), for chosen answers better than the model's own: 1 − σ(βc) + σ(βr). */
export const apoZeroLoss = (chosen: Side, rejected: Side, { beta }: Beta): tf.Tensor =>
  tf.add(tf.sub(1, sigma(logRatio(chosen), beta)), sigma(logRatio(rejected), beta));

/** Its other form (eq. 8), for chosen answers worse than the model's own: σ(βc) + 1 − σ(βΔ). */
export const apoDownLoss = (chosen: Side, rejected: Side, { beta }: Beta): tf.Tensor =>
  tf.add(sigma(logRatio(chosen), beta), tf.sub(1, sigma(deltaOf(chosen, rejected), beta)));
