import * as tf from "../runtime/tf";
import { logSigmoid } from "./side";

/**
 * Bradley–Terry reward loss (Ouyang et al. 2022, eq. 1) with margin m (Llama 2, eq. 2), soft labels p and the centring of
 * Eisenstein et al. 2023: −p·log σ(r_w − r_l − m) − (1−p)·log σ(r_l − r_w − m) + k·(r_w + r_l)².
 * Rewards, margin and probability [B]; returns the loss of each pair [B].
 */
export function bradleyTerryLoss(
  chosen: tf.Tensor,
  rejected: tf.Tensor,
  {
    probability,
    margin,
    centering,
  }: { readonly probability: tf.Tensor; readonly margin: tf.Tensor; readonly centering: number },
): tf.Tensor {
  const difference = tf.sub(chosen, rejected);
  const agree = tf.mul(probability, logSigmoid(tf.sub(difference, margin)));
  const disagree = tf.mul(tf.sub(1, probability), logSigmoid(tf.sub(tf.neg(difference), margin)));
  const centre = tf.mul(tf.square(tf.add(chosen, rejected)), centering);
  return tf.sub(centre, tf.add(agree, disagree));
}
