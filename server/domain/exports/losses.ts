import type { ExportFormat } from "./formats";

/** What a format may have no place for, in English for cards and documents. Pages say it in messages/<locale>/exports.json. */
export const lossSentences = {
  strength: "how much better the chosen answer is (`strength`)",
  probability: "how sure the judges were (`probability`)",
  boundary: "where the prompt ends, when both answers begin with the same turns",
  ids: "the ids of pairs and prompts",
  votes: "who said what",
  ties: "single ties and votes for the other side",
  reasons: "what judges wrote",
  pairing: "which two answers belong together",
  responses: "single responses with a label",
  graded_steps: "the mean of the grades: only whole steps",
  both_bad: "votes that both answers are bad",
  names: "the names of judges: they appear under pseudonyms",
  several_answers: "answers of several turns: refused",
  system: "system messages: refused",
  turns: "earlier turns: refused",
} as const;
export type Loss = keyof typeof lossSentences;

/** What each format does not carry of what a snapshot knows. */
export const formatLosses: Readonly<Record<ExportFormat, readonly Loss[]>> = {
  "trl-conversational": ["strength", "probability", "ids", "votes", "ties", "responses"],
  "trl-standard": ["turns", "system", "strength", "probability", "ids", "votes", "ties", "responses"],
  "trl-implicit": ["boundary", "probability", "ids", "votes", "ties", "responses"],
  kto: ["pairing", "strength", "probability", "ids", "votes", "ties"],
  "hh-rlhf": ["system", "boundary", "strength", "probability", "ids", "votes", "ties", "responses"],
  ultrafeedback: ["boundary", "strength", "votes", "ties", "responses"],
  "llamafactory-sharegpt": ["several_answers", "strength", "probability", "ids", "votes", "ties", "responses"],
  "llamafactory-alpaca": ["several_answers", "strength", "probability", "ids", "votes", "ties", "responses"],
  openrlhf: ["probability", "ids", "votes", "ties", "responses"],
  helpsteer: ["several_answers", "probability", "graded_steps", "ids", "both_bad", "responses"],
  argilla: ["several_answers", "graded_steps", "reasons", "responses"],
  judgements: ["names", "responses"],
};
