import type { PairHyperparameters } from "../contracts/losses";
import * as tf from "../runtime/tf";
import { logSigmoid, meanLogRatio, type Side } from "./side";

/** Length-normalised DPO (Lambert et al. 2024, Tülu 3, eq. 6): −log σ(β(c/L_w − r/L_l)), c and r the log-ratios. */
export const sigmoidNormLoss = (chosen: Side, rejected: Side, { beta }: Pick<PairHyperparameters, "beta">): tf.Tensor =>
  tf.neg(logSigmoid(tf.mul(tf.sub(meanLogRatio(chosen), meanLogRatio(rejected)), beta)));
