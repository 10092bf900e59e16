import { z } from "zod";
import { providerNames } from "./provider";

/** What a machine has to compute with: printed by `tiebreak-trainer doctor --json`, shown on the page of that name. */
export const doctorReportSchema = z.object({
  machine: z.object({
    node: z.string(),
    platform: z.string(),
    cpu: z.string(),
    cores: z.number().int(),
    memoryBytes: z.number(),
    gpu: z.object({ real: z.boolean(), why: z.string() }),
  }),
  /** The provider that a run takes by itself, and why. */
  chosen: z.object({ name: z.enum(providerNames), reason: z.string() }),
  providers: z.array(
    z.object({
      name: z.enum(providerNames),
      available: z.boolean(),
      /** Why it does not open. */
      missing: z.string().nullable(),
      /** What to do about that; null where nothing can be done, or nothing need be. */
      remedy: z.string().nullable(),
      /** Training tokens a second on the benchmark's step; null until it is asked for. */
      tokensPerSecond: z.number().nullable(),
    }),
  ),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;
