import type { ExportFormat, LabelKind } from "@/server/domain/exports/formats";
import type { ExportFile, ExportRequest } from "@/server/domain/exports/request";

/** What the download card holds; shares and days as they are typed. */
export interface ExportForm {
  readonly format: ExportFormat;
  readonly file: ExportFile;
  readonly layout: ExportRequest["layout"];
  readonly split: ExportRequest["split"];
  readonly labels: LabelKind;
  readonly minAgreement: string;
  /** A pseudonym; empty for anyone. */
  readonly annotator: string;
  readonly from: string;
  readonly to: string;
}

export const defaultExport: ExportForm = {
  format: "trl-conversational",
  file: "jsonl",
  layout: "file",
  split: "train",
  labels: "soft",
  minAgreement: "50",
  annotator: "",
  from: "",
  to: "",
};

export const isFiltered = ({ minAgreement, annotator, from, to }: ExportForm): boolean =>
  Number(minAgreement.replace(",", ".")) !== 50 || annotator !== "" || from !== "" || to !== "";

export type ExportFault = "minAgreement" | "dayOrder";

/** The download's query, or what is wrong with the form. */
export function exportQuery(form: ExportForm): { readonly query: string } | { readonly fault: ExportFault } {
  const { minAgreement, annotator, from, to, ...rest } = form;
  const percent = Number(minAgreement.trim().replace(",", ".") || Number.NaN);
  if (!(percent >= 50 && percent <= 100)) return { fault: "minAgreement" };
  if (from !== "" && to !== "" && from > to) return { fault: "dayOrder" };
  const query = new URLSearchParams(rest);
  if (percent > 50) query.set("minAgreement", String(percent / 100));
  for (const [key, value] of Object.entries({ annotator, from, to })) if (value !== "") query.set(key, value);
  return { query: query.toString() };
}
