import { z } from "zod";

export const shortestPassword = 10;
export const longestPassword = 128;

const nameSchema = z.string().trim().min(1).max(200);
/** Addresses are compared in lower case, as better-auth does at sign-in. */
const emailSchema = z.string().trim().toLowerCase().max(254).pipe(z.email());
export const credentialsSchema = z.object({
  name: nameSchema,
  email: emailSchema,
  password: z.string().min(shortestPassword).max(longestPassword),
});
export type Credentials = z.infer<typeof credentialsSchema>;
