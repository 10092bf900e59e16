import * as tf from "../runtime/tf";
import type { Side } from "./side";

/** Supervised fine-tuning on the completion: −log π(y|x) over the step's mean length, so that its mean over sequences is the loss of a token. */
export const nllLoss = ({ logp, meanLength }: Pick<Side, "logp" | "meanLength">): tf.Tensor =>
  tf.neg(tf.div(logp, meanLength));

/** The same over prompt and completion. */
export function sequenceNllLoss({ sequence }: Pick<Side, "sequence">): tf.Tensor {
  if (!sequence) throw new Error("this loss needs batches that score the prompt too");
  return nllLoss(sequence);
}
