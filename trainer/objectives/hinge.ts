import type { PairHyperparameters } from "../contracts/losses";
import * as tf from "../runtime/tf";
import { deltaOf, type Side } from "./side";

/** Hinge loss on the margin (SLiC-HF, Zhao et al. 2023; RSO, Liu et al. 2023): max(0, 1 − βΔ). */
export const hingeLoss = (chosen: Side, rejected: Side, { beta }: Pick<PairHyperparameters, "beta">): tf.Tensor =>
  tf.relu(tf.sub(1, tf.mul(deltaOf(chosen, rejected), beta)));
