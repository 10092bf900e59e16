import { z } from "zod";

export const klEstimators = ["k1", "k2", "k3"] as const;
export type KlEstimator = (typeof klEstimators)[number];

/**
 * A rule that anybody can recompute: the weights of a text's different words are added up and divided by its length, so that
 * neither repetition nor length gains anything.
 */
export const lexiconSchema = z.object({
  kind: z.literal("lexicon"),
  weights: z.record(z.string().min(1), z.number()).meta({ description: "What a word counts, in lower case." }),
  perWords: z.number().positive().default(10).meta({ description: "The score is that of a text of so many words." }),
  fewestWords: z
    .number()
    .int()
    .positive()
    .default(20)
    .meta({ description: "Shorter texts are measured as if they had so many words." }),
});
export type Lexicon = z.infer<typeof lexiconSchema>;

/** What an answer is worth: the folder of a reward model, or a rule. */
export const rewardSourceSchema = z.union([z.string().min(1), lexiconSchema]);
export type RewardSource = z.infer<typeof rewardSourceSchema>;

/** Steps of a rollout, rollouts of a run, and steps in all. */
export interface RolloutPlan {
  readonly answers: number;
  readonly stepsPerRollout: number;
  readonly totalSteps: number;
}

/** What of a configuration decides its steps. */
export interface RolloutSizes {
  readonly rolloutPrompts?: number | undefined;
  readonly groupSize?: number | undefined;
  readonly rolloutEpochs?: number | undefined;
  readonly batchSize: number;
  readonly epochs?: number | undefined;
  readonly maxSteps?: number | undefined;
}

/** How a run on so many prompts goes: every rollout is whole, also the last. */
export function rolloutPlan(sizes: RolloutSizes, prompts: number): RolloutPlan {
  const { rolloutPrompts = 64, groupSize = 1, rolloutEpochs = 1, epochs = 1, maxSteps } = sizes;
  const answers = rolloutPrompts * groupSize;
  const stepsPerRollout = rolloutEpochs * Math.ceil(answers / sizes.batchSize);
  const rollouts = Math.max(1, Math.ceil((prompts * epochs) / rolloutPrompts));
  return {
    answers,
    stepsPerRollout,
    totalSteps: Math.min(maxSteps ?? Number.POSITIVE_INFINITY, rollouts * stepsPerRollout),
  };
}
