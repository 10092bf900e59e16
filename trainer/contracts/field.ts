import { z } from "zod";

/** One field of a configuration: what it is, and where its default comes from. Both reach the JSON schema and the CLI's help. */
export const field = <T extends z.ZodType>(schema: T, description: string, source?: string): T =>
  schema.meta({ description, ...(source && { source }) });

/** What a page calls a field whose own name says too little. */
export const titled = <T extends z.ZodType>(title: string, schema: T): T => schema.meta({ title });

export const natural = z.number().int().min(0);
export const count = z.number().int().positive();
