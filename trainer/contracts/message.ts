import { z } from "zod";

/** One turn of a conversation. Plain text is a list with one message. */
export const messageSchema = z.object({
  role: z.enum(["system", "user", "assistant"]),
  content: z.string(),
});
export type Message = z.infer<typeof messageSchema>;

export const messagesSchema = z.array(messageSchema).min(1);
