import type { PairHyperparameters } from "../contracts/losses";
import * as tf from "../runtime/tf";
import { logRatio, type Side } from "./side";

/** Self-play preference optimisation with hard wins (Wu et al. 2024, eq. 4.7 with P 1 and 0): (c − 1/(2β))² + (r + 1/(2β))². */
export const sppoHardLoss = (chosen: Side, rejected: Side, { beta }: Pick<PairHyperparameters, "beta">): tf.Tensor =>
  tf.add(tf.square(tf.sub(logRatio(chosen), 1 / (2 * beta))), tf.square(tf.add(logRatio(rejected), 1 / (2 * beta))));
