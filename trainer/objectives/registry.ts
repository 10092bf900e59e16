import { type PairHyperparameters, type PairLossName, pairHyperparameters } from "../contracts/losses";
import * as tf from "../runtime/tf";
import { apoDownLoss, apoZeroLoss } from "./apo";
import { bcoPairLoss, ncaPairLoss } from "./binary";
import { discopopLoss } from "./discopop";
import { conservativeDpoLoss, dpoLoss, robustDpoLoss } from "./dpo";
import { exoPairLoss } from "./exo";
import { hingeLoss } from "./hinge";
import { ipoLoss, ipoPerTokenLoss } from "./ipo";
import { nllLoss } from "./nll";
import { cpoLoss, orpoLoss, simpoLoss } from "./referenceFree";
import type { Side } from "./side";
import { sigmoidNormLoss } from "./sigmoidNorm";
import { sppoHardLoss } from "./sppo";

/** The loss of each pair [B]. What each needs and its defaults: contracts/losses.ts. */
export type PairLoss = (chosen: Side, rejected: Side, h: PairHyperparameters) => tf.Tensor;

export const pairLossFunctions: Readonly<Record<PairLossName, PairLoss>> = {
  sigmoid: dpoLoss,
  cdpo: conservativeDpoLoss,
  robust: robustDpoLoss,
  ipo: ipoPerTokenLoss,
  ipo_original: ipoLoss,
  hinge: hingeLoss,
  sigmoid_norm: sigmoidNormLoss,
  bco_pair: bcoPairLoss,
  nca_pair: ncaPairLoss,
  apo_zero: apoZeroLoss,
  apo_down: apoDownLoss,
  sppo_hard: sppoHardLoss,
  exo_pair: exoPairLoss,
  discopop: discopopLoss,
  cpo: cpoLoss,
  simpo: simpoLoss,
  orpo: orpoLoss,
  sft: nllLoss,
};

export interface WeightedLoss {
  readonly loss: PairLossName;
  readonly weight: number;
}

/** A weighted sum of losses, each with its own defaults, as in MPO (Wang et al. 2024): Σ wᵢ·Lᵢ. */
export function mixtureLoss(
  parts: readonly WeightedLoss[],
  asked: Parameters<typeof pairHyperparameters>[1],
): (chosen: Side, rejected: Side) => tf.Tensor {
  const terms = parts.map(({ loss, weight }) => {
    const h = pairHyperparameters(loss, asked);
    return (chosen: Side, rejected: Side) => tf.mul(pairLossFunctions[loss](chosen, rejected, h), weight);
  });
  return (chosen, rejected) => terms.map((term) => term(chosen, rejected)).reduce((a, b) => tf.add(a, b));
}

/** Soft labels for any loss on pairs, p [B] = P(chosen ≻ rejected): p·L(chosen, rejected) + (1−p)·L(rejected, chosen). A tie is p = ½. */
export const softLabelLoss =
  (loss: (chosen: Side, rejected: Side) => tf.Tensor, probability: tf.Tensor) =>
  (chosen: Side, rejected: Side): tf.Tensor =>
    tf.add(tf.mul(probability, loss(chosen, rejected)), tf.mul(tf.sub(1, probability), loss(rejected, chosen)));
