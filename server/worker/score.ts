import type { ScoredAnswer, ScoredToken } from "@/trainer/contracts/inference";
import type { ModelCache } from "./modelCache";
import type { ScoringTask } from "./protocol";

/** Asks one model after the other about all answers. */
export async function score(
  { prompt, answers, models, judge }: ScoringTask,
  cache: ModelCache,
): Promise<ScoredAnswer[]> {
  const tokens = answers.map((): Record<string, ScoredToken[]> => ({}));
  for (const { id, ...place } of models) {
    await cache.using(place, async (model) => {
      for (const [i, { messages, ended }] of answers.entries()) {
        const scored = await model.scoreTokens(prompt, messages);
        // An answer that was cut did not say that it ends there.
        (tokens[i] as Record<string, ScoredToken[]>)[id] = ended ? scored : scored.slice(0, -1);
      }
    });
  }
  const rewards: number[] = [];
  if (judge) {
    await cache.using(judge, async (model) => {
      for (const { messages } of answers) rewards.push(await model.scoreReward(prompt, messages));
    });
  }
  return answers.map((_, i) => ({ tokens: tokens[i] as Record<string, ScoredToken[]>, reward: rewards[i] ?? null }));
}
