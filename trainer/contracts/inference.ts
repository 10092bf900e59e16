import { z } from "zod";
import { messagesSchema } from "./message";

export const samplingSchema = z.object({
  maxTokens: z.number().int().min(1).max(2048).default(120),
  temperature: z.number().min(0).max(5).default(0.8).describe("0 is greedy."),
  topK: z.number().int().min(0).default(0).describe("0 keeps every token."),
  topP: z.number().gt(0).max(1).default(1),
  seed: z.number().int().min(0).default(0),
});
export type Sampling = z.infer<typeof samplingSchema>;

export const generateRequestSchema = z.object({ prompt: messagesSchema, sampling: samplingSchema });
export type GenerateRequest = z.infer<typeof generateRequestSchema>;

/** A piece of streamed text (never half a character), then one `end`. */
export type GenerateChunk = { type: "text"; text: string } | { type: "end"; reason: "stop" | "length"; tokens: number };
