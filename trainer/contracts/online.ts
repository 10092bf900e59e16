import { z } from "zod";

export const klEstimators = ["k1", "k2", "k3"] as const;
export type KlEstimator = (typeof klEstimators)[number];

/** What an answer is worth: a trained reward model says so, or a rule that anybody can recompute. */
export const rewardSourceSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("model"),
    folder: z.string().min(1).meta({ description: "Hugging Face folder of a reward model." }),
  }),
  z.object({
    kind: z.literal("lexicon"),
    weights: z
      .record(z.string().min(1), z.number())
      .meta({ description: "What a word counts, in lower case. A word said twice counts once." }),
    perWords: z
      .number()
      .positive()
      .default(10)
      .meta({ description: "The score is that of a text of so many words, so that longer texts gain nothing." }),
    fewestWords: z
      .number()
      .int()
      .positive()
      .default(20)
      .meta({ description: "Shorter texts are measured as if they had so many words." }),
  }),
]);
export type RewardSource = z.infer<typeof rewardSourceSchema>;
