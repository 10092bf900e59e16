import { z } from "zod";

/** The number of the last event a client got before its connection broke; 0 for all of them. */
export const lastEventIdSchema = z
  .string()
  .regex(/^\d{1,15}$/)
  .nullish()
  .transform((id) => Number(id ?? 0));
