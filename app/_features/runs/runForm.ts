import { usesAdapterField } from "@/trainer/contracts/adapter";
import { pairLossNames } from "@/trainer/contracts/losses";
import type { SnapshotRunKind } from "@/trainer/contracts/runConfig";
import type { ConfigField, JsonField } from "@/trainer/contracts/schema";
import { configIssues, pathOf, type Settings, settableFields, usesSetting } from "@/trainer/contracts/settings";

/** What was typed or chosen under "Advanced", by a field's path. Absent or empty: what the preset says. */
export type SettingTexts = Readonly<Record<string, string>>;

/** The losses the page offers. DiscoPOP's slope starts the wrong way, and SFT is a kind of its own. */
export const offeredLosses = pairLossNames.filter((name) => name !== "discopop" && name !== "sft");

const settingGroups = ["objective", "adapter", "optimizer", "data", "watch", "execution"] as const;
export type SettingGroup = (typeof settingGroups)[number];

const groups: Readonly<Record<string, SettingGroup>> = {
  adapter: "adapter",
  optimizer: "optimizer",
  execution: "execution",
  provider: "execution",
  seed: "data",
  batchSize: "data",
  microBatchSize: "data",
  maxLength: "data",
  epochs: "data",
  maxSteps: "data",
  evalEvery: "watch",
  checkpointEvery: "watch",
  keepCheckpoints: "watch",
  keep: "watch",
  patience: "watch",
  divergenceFactor: "watch",
  samplePrompts: "watch",
  evalPrompts: "watch",
  sampleTokens: "watch",
};

/** Where a field stands: what only some kinds of run have is what they learn by. */
const groupOf = ({ path }: ConfigField): SettingGroup => groups[path[0] as string] ?? "objective";

/** The fields of a kind of run under their headings, without those that the chosen loss and adapter do not use. */
export function groupedFields(kind: SnapshotRunKind, texts: SettingTexts) {
  const fields = usedFields(kind, texts);
  return settingGroups
    .map((group) => ({ group, fields: fields.filter((field) => groupOf(field) === group) }))
    .filter((group) => group.fields.length > 0);
}

function usedFields(kind: SnapshotRunKind, texts: SettingTexts): readonly ConfigField[] {
  const method = texts["adapter.method"]?.trim() || "full";
  const fields = settableFields(kind).filter(({ path }) => path[0] !== "adapter" || usesAdapterField(method, path[1]));
  if (kind !== "dpo") return fields;
  const loss = readLoss(texts.loss?.trim() || "sigmoid");
  return fields.filter((field) => usesSetting(loss, pathOf(field)));
}

/** What was set, as the run's schema reads it. What cannot be read stays a text, for the schema to refuse. */
export function readSettings(kind: SnapshotRunKind, texts: SettingTexts): Settings {
  const typed = usedFields(kind, texts).flatMap((field) => {
    const text = texts[pathOf(field)]?.trim();
    return text ? [[pathOf(field), readSetting(field, text)] as const] : [];
  });
  return Object.fromEntries(typed);
}

function readSetting({ path, field }: ConfigField, text: string): Settings[string] {
  if (path[0] === "loss") return readLoss(text);
  if (field.type === "boolean") return text === "true";
  if (field.type === "string") return text;
  if (field.type === "array") return text.split(",").map((part) => part.trim());
  if (field.anyOf && text === "all") return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** `sigmoid`, or several with weights: `sigmoid 1, sft 0.2`. */
function readLoss(text: string): string | { loss: string; weight: number | string }[] {
  const parts = text.split(",").map((part) => part.trim().split(/\s+/));
  if (parts.length === 1 && parts[0]?.length === 1) return text;
  return parts.map(([loss = "", weight = ""]) => {
    const number = Number(weight || "none");
    return { loss, weight: Number.isFinite(number) ? number : weight };
  });
}

/** A configured value as it is typed. */
export function settingText(value: unknown): string | null {
  if (value === undefined) return null;
  if (value === null) return "all";
  if (typeof value === "number") return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential() : String(value);
  if (!Array.isArray(value)) return String(value);
  return value
    .map((part) => (typeof part === "object" && "loss" in part ? `${part.loss} ${part.weight}` : String(part)))
    .join(", ");
}

/** What is wrong with a value; the page has a sentence for each. */
export type SettingProblem =
  | { readonly id: "number" | "integer" | "chunk" | "losses"; readonly values: Record<string, never> }
  | { readonly id: "atLeast" | "above" | "atMost" | "below"; readonly values: { readonly limit: string } }
  | { readonly id: "oneOf"; readonly values: { readonly choices: string } }
  | { readonly id: "other"; readonly values: { readonly message: string } };

/** What the run's own schema says against a configuration, by the path of the field. */
export function settingProblems(kind: SnapshotRunKind, config: object): ReadonlyMap<string, SettingProblem> {
  const problems = new Map<string, SettingProblem>();
  for (const { path, issue } of configIssues(config)) {
    const field = settableFields(kind).find((one) => `${path}.`.startsWith(`${pathOf(one)}.`));
    if (field && !problems.has(pathOf(field))) problems.set(pathOf(field), problemOf(issue, field.field));
  }
  return problems;
}

type Issue = ReturnType<typeof configIssues>[number]["issue"];

function problemOf(issue: Issue, { type, anyOf }: JsonField): SettingProblem {
  if (anyOf) return { id: anyOf.some((one) => one.type === "array") ? "losses" : "chunk", values: {} };
  switch (issue.code) {
    case "invalid_type":
      return { id: type === "integer" ? "integer" : "number", values: {} };
    case "too_small":
      return {
        id: issue.inclusive ? "atLeast" : "above",
        values: { limit: String(issue.minimum) },
      };
    case "too_big":
      return {
        id: issue.inclusive ? "atMost" : "below",
        values: { limit: String(issue.maximum) },
      };
    case "invalid_value":
      return { id: "oneOf", values: { choices: issue.values.map(String).join(", ") } };
    default:
      return { id: "other", values: { message: issue.message } };
  }
}
