import type { SamplingInput } from "../contracts/inference";
import type { Message } from "../contracts/message";
import { derivedSeed } from "../data/random";
import type { Completion } from "./generate";
import type { LoadedModel } from "./loadedModel";

export interface Candidate extends Completion {
  readonly reward: number;
}

/**
 * Samples `n` answers and lets a reward model choose (Stiennon et al. 2020): the one with the highest reward, the first of
 * equals, with all candidates in the order of their seeds. The policy strays from itself by at most log n − (n − 1)/n nats.
 */
export async function bestOfN(
  policy: Pick<LoadedModel, "complete">,
  judge: Pick<LoadedModel, "scoreReward">,
  prompt: readonly Message[],
  sampling: SamplingInput,
  n: number,
): Promise<{ readonly best: Candidate; readonly candidates: readonly Candidate[] }> {
  const completions = await policy.complete(
    Array.from({ length: n }, (_, i) => ({
      prompt: [...prompt],
      sampling: { ...sampling, seed: derivedSeed(sampling.seed ?? 0, 8, i) },
    })),
  );
  const candidates: Candidate[] = [];
  for (const completion of completions) {
    const answer: Message[] = [{ role: "assistant", content: completion.text }];
    candidates.push({ ...completion, reward: await judge.scoreReward(prompt, answer) });
  }
  const best = candidates.reduce((a, b) => (b.reward > a.reward ? b : a));
  return { best, candidates };
}
