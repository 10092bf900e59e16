import type { PairHyperparameters } from "../contracts/losses";
import * as tf from "../runtime/tf";
import { deltaOf, logSigmoid, type Side } from "./side";

type Beta = Pick<PairHyperparameters, "beta">;
type Smoothed = Pick<PairHyperparameters, "beta" | "labelSmoothing">;

/** Direct preference optimisation (Rafailov et al. 2023, eq. 7): −log σ(βΔ). */
export const dpoLoss = (chosen: Side, rejected: Side, { beta }: Beta): tf.Tensor =>
  tf.neg(logSigmoid(tf.mul(deltaOf(chosen, rejected), beta)));

/** Conservative DPO (Mitchell 2023), labels flipped with probability ε: −(1−ε)·log σ(βΔ) − ε·log σ(−βΔ). */
export const conservativeDpoLoss = (chosen: Side, rejected: Side, h: Smoothed): tf.Tensor =>
  tf.add(
    tf.mul(dpoLoss(chosen, rejected, h), 1 - h.labelSmoothing),
    tf.mul(dpoLoss(rejected, chosen, h), h.labelSmoothing),
  );

/**
 * Robust DPO (Chowdhury, Kini & Natarajan 2024, eq. 11), whose mean over labels flipped with probability ε is the clean
 * DPO loss: [−(1−ε)·log σ(βΔ) + ε·log σ(−βΔ)] / (1−2ε).
 */
export const robustDpoLoss = (chosen: Side, rejected: Side, h: Smoothed): tf.Tensor =>
  tf.div(
    tf.sub(
      tf.mul(dpoLoss(chosen, rejected, h), 1 - h.labelSmoothing),
      tf.mul(dpoLoss(rejected, chosen, h), h.labelSmoothing),
    ),
    1 - 2 * h.labelSmoothing,
  );
