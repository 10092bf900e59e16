import { z } from "zod";
import type { PreferenceRunKind } from "@/trainer/contracts/runConfig";

/** The fields under "Advanced", as typed. Empty means: what the preset says. */
export const overrideFields = ["learningRate", "epochs", "batchSize", "beta", "maxLength", "seed"] as const;
export type OverrideField = (typeof overrideFields)[number];
export type OverrideText = Readonly<Record<OverrideField, string>>;
export type Overrides = Partial<Record<OverrideField, number>>;

/** Bounds a person can reach by mistake only; the server checks again. */
const bounds: Record<OverrideField, z.ZodNumber> = {
  learningRate: z.number().gt(0).max(0.1),
  epochs: z.number().gt(0).max(100),
  batchSize: z.number().int().min(1).max(256),
  beta: z.number().gt(0).max(10),
  maxLength: z.number().int().min(8).max(8192),
  seed: z.number().int().min(0).max(2_147_483_647),
};

export const noOverrides: OverrideText = {
  learningRate: "",
  epochs: "",
  batchSize: "",
  beta: "",
  maxLength: "",
  seed: "",
};

/** Beta pulls towards the reference model, which reward models do not have. */
export const fieldsOf = (kind: PreferenceRunKind): readonly OverrideField[] =>
  overrideFields.filter((field) => kind === "dpo" || field !== "beta");

/** The numbers that were typed, and the fields whose text is not a number within bounds. */
export function parseOverrides(
  kind: PreferenceRunKind,
  text: OverrideText,
): { readonly overrides: Overrides; readonly wrong: readonly OverrideField[] } {
  const overrides: Overrides = {};
  const wrong: OverrideField[] = [];
  for (const field of fieldsOf(kind)) {
    const typed = text[field].trim();
    if (typed === "") continue;
    const parsed = bounds[field].safeParse(Number(typed));
    if (parsed.success) overrides[field] = parsed.data;
    else wrong.push(field);
  }
  return { overrides, wrong };
}

interface StepPlan {
  readonly batchSize: number;
  readonly epochs?: number | undefined;
  readonly maxSteps?: number | undefined;
}

/** How many optimizer steps the trainer will take on so many pairs. */
export function plannedSteps(pairs: number, { batchSize, epochs = 1, maxSteps }: StepPlan): number {
  const steps = Math.max(1, Math.round(Math.ceil(pairs / batchSize) * epochs));
  return Math.min(steps, maxSteps ?? steps);
}
