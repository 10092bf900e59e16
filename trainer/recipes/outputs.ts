import type { Nearness } from "../contracts/compression";
import { bucketOf } from "../data/batches";
import type { ModelFolder } from "../io/modelFolder";
import type { Parameters } from "../io/safetensors";
import type { Batch } from "../loop/trainStep";
import type { ModelConfig } from "../models/config";
import type { TensorParameters } from "../models/tensors";
import { hiddenStates, logitsOf, scoresOf } from "../models/transformer";
import type { SessionCache } from "../runtime/sessionCache";
import * as tf from "../runtime/tf";
import { float32, type HostArray, int32 } from "../runtime/tree";

type Head = ModelFolder["head"];
type Named<K extends string> = Readonly<Record<K, HostArray>>;

/** Texts as token ids, padded on the right: ids [R, T], and for each of the R·T places whether a token is there. */
export type TextBatch = Named<"ids" | "mask"> & Readonly<Record<string, HostArray>>;

export function textBatch(texts: readonly (readonly number[])[]): TextBatch {
  const T = bucketOf(Math.max(...texts.map((ids) => ids.length)));
  const rows = (of: (ids: readonly number[], t: number) => number) =>
    texts.flatMap((ids) => Array.from({ length: T }, (_, t) => of(ids, t)));
  return {
    ids: int32(
      rows((ids, t) => ids[t] ?? 0),
      [texts.length, T],
    ),
    mask: float32(
      rows((ids, t) => Number(t < ids.length)),
      [texts.length * T],
    ),
  };
}

/** What a model says at every place [R·T]: logits [R·T, V], or a reward model's scores [R·T, 1]. */
function outputsOf(p: TensorParameters, llama: ModelConfig, head: Head, ids: tf.Tensor): tf.Tensor {
  const hidden = hiddenStates(p, llama, ids);
  return head === "causal" ? logitsOf(p, llama, hidden) : tf.reshape(scoresOf(p, hidden), [-1, 1]);
}

/** The outputs of a model for a batch. */
export async function outputsFor(
  { config, head, parameters }: Pick<ModelFolder, "config" | "head" | "parameters">,
  { ids }: TextBatch,
  cache: SessionCache,
): Promise<HostArray> {
  const program = (p: TensorParameters, input: tf.Tensor) => outputsOf(p, config, head, input);
  const args = [parameters, ids] as never;
  const compiled = await cache.get("outputs", program as never, args);
  return (await compiled.run(args)) as unknown as HostArray;
}

/** The mean squared difference between a model's outputs and `target`, over the tokens and the outputs of each. */
export const matchObjective =
  (llama: ModelConfig, head: Head) =>
  (p: TensorParameters, { ids, mask, target }: Batch) => {
    const square = tf.mean(tf.square(tf.sub(outputsOf(p, llama, head, ids as tf.Tensor), target as tf.Tensor)), 1);
    return { loss: tf.div(tf.sum(tf.mul(square, mask as tf.Tensor)), tf.sum(mask as tf.Tensor)), metrics: {} };
  };

/** How near a model comes to targets, place by place, each [R·T]. */
const gaps =
  (llama: ModelConfig, head: Head) =>
  (p: TensorParameters, { ids, target }: Batch) => {
    const [own, wanted] = [outputsOf(p, llama, head, ids as tf.Tensor), target as tf.Tensor];
    const gap = tf.sub(own, wanted);
    const [log, wantedLog] = [tf.logSoftmax(own), tf.logSoftmax(wanted)];
    return {
      max: tf.max(tf.abs(gap), 1),
      mean: tf.mean(tf.abs(gap), 1),
      square: tf.mean(tf.square(gap), 1),
      kl: tf.sum(tf.mul(tf.exp(wantedLog), tf.sub(wantedLog, log)), 1),
    };
  };

/** How near a model comes to the outputs that `targets` has for each batch, over all tokens. */
export async function nearness(
  { config, head, parameters }: Pick<ModelFolder, "config" | "head"> & { readonly parameters: Parameters },
  batches: readonly TextBatch[],
  targets: (batch: TextBatch) => Promise<HostArray>,
  cache: SessionCache,
): Promise<Nearness> {
  const program = gaps(config, head);
  const total = { max: 0, mean: 0, square: 0, kl: 0 };
  let tokens = 0;
  for (const batch of batches) {
    const { ids, mask } = batch;
    const args = [parameters, { ids, target: await targets(batch) }] as never;
    const compiled = await cache.get("gaps", program as never, args);
    const found = (await compiled.run(args)) as unknown as Named<keyof typeof total>;
    mask.data.forEach((there, i) => {
      if (there === 0) return;
      tokens += 1;
      total.max = Math.max(total.max, found.max.data[i] as number);
      for (const name of ["mean", "square", "kl"] as const) total[name] += found[name].data[i] as number;
    });
  }
  const { max, mean, square, kl } = total;
  return { max, mean: mean / tokens, square: square / tokens, kl: head === "causal" ? kl / tokens : null };
}
