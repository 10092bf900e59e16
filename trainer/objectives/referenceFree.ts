import type { PairHyperparameters } from "../contracts/losses";
import * as tf from "../runtime/tf";
import { nllLoss, sequenceNllLoss } from "./nll";
import { log1mexp, logSigmoid, meanLogp, type Side } from "./side";

/** The preference term of contrastive preference optimisation (Xu et al. 2024, eq. 3): −log σ(β(log π(y_w) − log π(y_l))). Mix it with `sft`. */
export const cpoLoss = (chosen: Side, rejected: Side, { beta }: Pick<PairHyperparameters, "beta">): tf.Tensor =>
  tf.neg(logSigmoid(tf.mul(tf.sub(chosen.logp, rejected.logp), beta)));

/** SimPO (Meng, Xia & Chen 2024, eq. 6), a the mean log-probability of a token: −log σ(β(a_w − a_l) − γ). */
export const simpoLoss = (
  chosen: Side,
  rejected: Side,
  { beta, gamma }: Pick<PairHyperparameters, "beta" | "gamma">,
): tf.Tensor => tf.neg(logSigmoid(tf.sub(tf.mul(tf.sub(meanLogp(chosen), meanLogp(rejected)), beta), gamma)));

/** The odds-ratio term of ORPO (Hong, Lee & Thorne 2024, eq. 7): −log σ(log odds_w − log odds_l), odds e^a/(1 − e^a). */
export function oddsRatioLoss(chosen: Side, rejected: Side): tf.Tensor {
  const logOdds = (side: Side) => tf.sub(meanLogp(side), log1mexp(meanLogp(side)));
  return tf.neg(logSigmoid(tf.sub(logOdds(chosen), logOdds(rejected))));
}

/** ORPO (eq. 6): NLL of the chosen sequence, prompt included where the batch has it (as TRL), + λ times the odds-ratio term. */
export const orpoLoss = (chosen: Side, rejected: Side, { lambda }: Pick<PairHyperparameters, "lambda">): tf.Tensor =>
  tf.add((chosen.sequence ? sequenceNllLoss : nllLoss)(chosen), tf.mul(oddsRatioLoss(chosen, rejected), lambda));
