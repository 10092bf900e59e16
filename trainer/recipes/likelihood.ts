import { bucketOf } from "../data/batches";
import type { Parameters } from "../io/safetensors";
import type { ModelConfig } from "../models/config";
import { tokenLogProbs } from "../models/head";
import type { TensorParameters } from "../models/tensors";
import { hiddenStates, outputWeight } from "../models/transformer";
import type { SessionCache } from "../runtime/sessionCache";
import * as tf from "../runtime/tf";
import { type HostArray, int32 } from "../runtime/tree";

/** A stretch of a sequence that the model sees at once; only tokens from `scoreFrom` on are counted. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly scoreFrom: number;
}

/**
 * Cuts a sequence of `length` tokens so that each but the first is scored exactly once: the first stretch fills the
 * context, each later one moves by `stride`, so that a token has at least context − stride tokens before it.
 */
export function stretches(length: number, context: number, stride: number): Stretch[] {
  const out: Stretch[] = [];
  for (let scoreFrom = 1; scoreFrom < length; ) {
    const from = out.length === 0 ? 0 : (out.at(-1) as Stretch).from + stride;
    const to = Math.min(length, from + context);
    out.push({ from, to, scoreFrom });
    scoreFrom = to;
  }
  return out;
}

/** −log p, in nats, of all tokens after the first, summed: one number for each sequence. The stride is half the context. */
export async function sequenceNats(
  { config, parameters, cache }: { config: ModelConfig; parameters: Parameters; cache: SessionCache },
  sequences: readonly (readonly number[])[],
): Promise<number[]> {
  const context = config.maxPositions;
  const program = (p: TensorParameters, ids: tf.Tensor, targets: tf.Tensor) =>
    tokenLogProbs(hiddenStates(p, config, ids), outputWeight(p, config), tf.reshape(targets, [-1]));
  const sums: number[] = [];
  for (const sequence of sequences) {
    let nats = 0;
    for (const { from, to, scoreFrom } of stretches(sequence.length, context, context / 2)) {
      const T = bucketOf(to - from);
      const [ids, targets] = [new Int32Array(T), new Int32Array(T)];
      ids.set(sequence.slice(from, to));
      targets.set(sequence.slice(from + 1, to));
      const args = [parameters, int32(ids, [1, T]), int32(targets, [1, T])] as never;
      const compiled = await cache.get("likelihood", program as never, args);
      const { data } = (await compiled.run(args)) as unknown as HostArray;
      // Place i predicts token from + i + 1.
      for (let i = scoreFrom - from - 1; i < to - from - 1; i++) nats -= data[i] as number;
    }
    sums.push(nats);
  }
  return sums;
}
