import { derivedSeed, Random } from "./random";

/** Lengths that programs are compiled for: few enough to be cached, close enough to waste little. */
const buckets = [16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048];

export const bucketOf = (length: number): number => buckets.find((b) => b >= length) ?? Math.ceil(length / 512) * 512;

/**
 * The indices of step 1, 2, …: each epoch a fresh seeded shuffle. With `alike` it is cut into windows of eight batches that
 * are sorted by length, so that a batch holds sequences of a kind: for batches that are padded. The last batch of an epoch
 * may be short. Depends only on its arguments.
 */
export function batchIndices(
  lengths: readonly number[],
  { batchSize, seed, alike }: { readonly batchSize: number; readonly seed: number; readonly alike: boolean },
  step: number,
): number[] {
  const perEpoch = Math.ceil(lengths.length / batchSize);
  const epoch = Math.floor((step - 1) / perEpoch);
  const random = new Random(derivedSeed(seed, 1, epoch));
  const order = random.shuffled(lengths.map((_, i) => i));
  const batches: number[][] = [];
  for (let at = 0; at < order.length; at += batchSize * 8) {
    const window = order.slice(at, at + batchSize * 8);
    if (alike) window.sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b);
    for (let i = 0; i < window.length; i += batchSize) batches.push(window.slice(i, i + batchSize));
  }
  return random.shuffled(batches)[(step - 1) % perEpoch] as number[];
}
