import type { PairHyperparameters } from "../contracts/losses";
import * as tf from "../runtime/tf";
import { deltaOf, meanLogRatio, type Side } from "./side";

type Beta = Pick<PairHyperparameters, "beta">;

/** Identity preference optimisation (Azar et al. 2023, eq. 17, β for τ): (Δ − 1/(2β))². */
export const ipoLoss = (chosen: Side, rejected: Side, { beta }: Beta): tf.Tensor =>
  tf.square(tf.sub(deltaOf(chosen, rejected), 1 / (2 * beta)));

/** The same on log-ratios per token, as its authors ran it and TRL has it: (c/L_w − r/L_l − 1/(2β))². */
export const ipoPerTokenLoss = (chosen: Side, rejected: Side, { beta }: Beta): tf.Tensor =>
  tf.square(tf.sub(tf.sub(meanLogRatio(chosen), meanLogRatio(rejected)), 1 / (2 * beta)));
