import { z } from "zod";
import type { Message, messagesSchema } from "./message";

export const samplingSchema = z.object({
  maxTokens: z.number().int().min(1).max(2048).default(120),
  temperature: z.number().min(0).max(5).default(0.8).describe("0 is greedy."),
  topK: z.number().int().min(0).default(0).describe("0 keeps every token."),
  topP: z.number().gt(0).max(1).default(1).describe("Of what top-k keeps."),
  minP: z.number().min(0).max(1).default(0).describe("Drops tokens below this share of the best one's probability."),
  repetitionPenalty: z.number().gt(0).max(10).default(1).describe("1 changes nothing (Keskar et al. 2019)."),
  stop: z.array(z.string().min(1)).max(16).default([]).describe("The answer ends before the first of these."),
  stopIds: z.array(z.number().int().min(0)).default([]).describe("Tokens that end the answer, beside end-of-text."),
  seed: z.number().int().min(0).default(0),
});
export type Sampling = z.infer<typeof samplingSchema>;
export type SamplingInput = z.input<typeof samplingSchema>;

/** Left-out settings of `sampling` take their defaults. */
export interface GenerateRequest {
  readonly prompt: z.infer<typeof messagesSchema>;
  readonly sampling: SamplingInput;
  /** Give the log-probability of each token: of the model itself, before temperature and filters. */
  readonly logProbs?: boolean;
}

/** A finished answer. `tokens` counts them without the one that ended it. */
export interface GenerateEnd {
  readonly type: "end";
  readonly reason: "stop" | "length";
  readonly tokens: number;
  /** The tokens, the one that ended the answer included. */
  readonly ids: readonly number[];
  /** Nats, one for each of `ids`; only when asked for. */
  readonly logProbs?: readonly number[];
}

/** A piece of streamed text (never half a character, never a part of a stop string), then one `end`. */
export type GenerateChunk = { readonly type: "text"; readonly text: string } | GenerateEnd;

/** One token of a text that was scored. */
export interface ScoredToken {
  readonly id: number;
  /** The characters that it completes: "" in the middle of one, and for the end of text. */
  readonly text: string;
  /** Given all before it, in nats. */
  readonly logProb: number;
}

/** Answers to one prompt that several models are asked about. `ended`: the answer's end of text is a token of it too. */
export interface AnswersToScore {
  readonly prompt: readonly Message[];
  readonly answers: readonly { readonly messages: readonly Message[]; readonly ended: boolean }[];
}

/** What models say of one answer: its tokens as each policy finds them, by the policy's id, and its reward. */
export interface ScoredAnswer {
  readonly tokens: Readonly<Record<string, readonly ScoredToken[]>>;
  readonly reward: number | null;
}
