import { type NamedModel, type PairChunk, pairChunks } from "@/trainer/generation/pairs";
import type { ModelCache } from "./modelCache";
import type { PairTask } from "./protocol";

/** Makes the pairs that are left to make and tells each chunk. Stops between two tokens. */
export async function makePairs(
  { prompts, models, perPrompt, sampling, from }: PairTask,
  cache: ModelCache,
  tell: (chunk: PairChunk) => void,
  signal: AbortSignal,
): Promise<void> {
  const named = models.map(
    ({ name, ...place }): NamedModel => ({
      name,
      complete: (requests, options) => cache.using(place, (model) => model.complete(requests, options)),
    }),
  );
  for await (const chunk of pairChunks(named, prompts, { perPrompt, sampling, from, signal })) tell(chunk);
}
