import { pairLossNames } from "@/trainer/contracts/losses";
import { numberOverridesSchema, type RunOverrides } from "@/trainer/contracts/preset";
import type { SnapshotRunKind } from "@/trainer/contracts/runConfig";

/** The fields under "Advanced", as typed. Empty means: what the preset says. */
const overrideFields = numberOverridesSchema.keyof().options;
export type OverrideField = (typeof overrideFields)[number];
export type OverrideText = Readonly<Record<OverrideField, string>>;

export const noOverrides: OverrideText = {
  learningRate: "",
  epochs: "",
  batchSize: "",
  beta: "",
  maxLength: "",
  seed: "",
};

/** Beta pulls towards the reference model, which reward models and SFT do not have. */
export const fieldsOf = (kind: SnapshotRunKind): readonly OverrideField[] =>
  overrideFields.filter((field) => kind === "dpo" || kind === "kto" || field !== "beta");

/** The losses the page offers. DiscoPOP's slope starts the wrong way, and SFT is a kind of its own. */
export const offeredLosses = pairLossNames.filter((name) => name !== "discopop" && name !== "sft");

/** Least and greatest number a field takes, for the sentence under it. */
export function boundsOf(field: OverrideField): { readonly min: number; readonly max: number } {
  const { minValue, maxValue } = numberOverridesSchema.shape[field].unwrap();
  return { min: minValue ?? 0, max: maxValue ?? Number.MAX_SAFE_INTEGER };
}

/** The numbers that were typed, and the fields whose text is not a number within bounds. */
export function parseOverrides(
  kind: SnapshotRunKind,
  text: OverrideText,
): { readonly overrides: RunOverrides; readonly wrong: readonly OverrideField[] } {
  const overrides: RunOverrides = {};
  const wrong: OverrideField[] = [];
  for (const field of fieldsOf(kind)) {
    const typed = text[field].trim();
    if (typed === "") continue;
    const parsed = numberOverridesSchema.shape[field].safeParse(Number(typed));
    if (parsed.success) overrides[field] = parsed.data;
    else wrong.push(field);
  }
  return { overrides, wrong };
}
