import { hasOneResponse, type ImportMapping } from "@/server/domain/imports/mapping";

export type MappingFault = "noResponseA" | "noResponseB" | "sameColumn" | "noDesirable" | "noLabelWords";

/** What keeps a mapping from being tried at all. Whether the rows fit is for the server to say. */
export function mappingFaults(mapping: ImportMapping): MappingFault[] {
  const { responseA, responseB, labels = [], labelValues } = mapping;
  const faults: MappingFault[] = [];
  if (responseA === "") faults.push("noResponseA");
  if (mapping.layout === "unpaired" && !mapping.desirable) faults.push("noDesirable");
  if (hasOneResponse(mapping)) return faults;
  if (responseB === "") faults.push("noResponseB");
  if (responseA !== "" && responseA === responseB) faults.push("sameColumn");
  if (labels.length > 0 && labelValues) {
    const words = [labelValues.a, labelValues.b, labelValues.tie].map((word) => word.trim());
    if (words.includes("") || new Set(words).size < words.length) faults.push("noLabelWords");
  }
  return faults;
}

/** Columns that may hold votes: those that are nothing else. */
export function labelCandidates(mapping: ImportMapping, columns: readonly string[]): string[] {
  const { prompt, input, system, responseA, responseB, modelA, modelB, externalId } = mapping;
  const { history, who, time, reason, strength, criteria } = mapping;
  const taken = [prompt, input, system, responseA, responseB, modelA, modelB, externalId];
  taken.push(history, who, time, reason, strength, criteria);
  const ticked = new Set(mapping.labels?.map((label) => label.column));
  return columns.filter((column) => ticked.has(column) || !taken.includes(column));
}

/** The layouts that a person may choose; others are recognised and stay. */
export const choosableLayouts = ["flat", "responses", "scored_rows", "unpaired"] as const;
export type ChoosableLayout = (typeof choosableLayouts)[number];

/** The same file read by another layout: what only the layout before knew goes. */
export function withLayout(mapping: ImportMapping, layout: ChoosableLayout): ImportMapping {
  const { prompt, input, system, history, externalId, who, time, reason } = mapping;
  const kept = { prompt, input, system, history, externalId, who, time, reason, layout, meaning: "unordered" as const };
  if (layout !== "responses") return { ...kept, responseA: "", responseB: "" };
  // The names that a list's entries become.
  const pair = { responseA: "response_a", responseB: "response_b", modelA: "model_a", modelB: "model_b" };
  return { ...kept, ...pair, labels: [{ column: "preference", who: "file" }] };
}

/** Adds or removes a column of votes. Its people are called as the column is: a file says who only there. */
export function toggleLabelColumn(mapping: ImportMapping, column: string): ImportMapping {
  const { labels = [] } = mapping;
  const without = labels.filter((label) => label.column !== column);
  const next = without.length < labels.length ? without : [...labels, { column, who: column }];
  return { ...mapping, labels: next, labelValues: next.length === 0 ? undefined : mapping.labelValues };
}

/** Selects hold text, so a column and "none" must not be mistaken for each other, whatever the file calls its columns. */
export const noColumn = "none";
export const columnChoice = (column: string | null | undefined): string => (column ? `column:${column}` : noColumn);
export const chosenColumn = (choice: string): string | null =>
  choice === noColumn ? null : choice.slice("column:".length);
