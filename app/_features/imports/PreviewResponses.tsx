"use client";
import { useTranslations } from "next-intl";
import type { ImportFormat } from "@/server/domain/imports/mapping";
import type { PreviewResponse } from "./importTypes";
import { Text } from "./PreviewPairs";

/** The first single responses of a file, each with what its label says. */
export function PreviewResponses({ rows, format }: { rows: readonly PreviewResponse[]; format: ImportFormat }) {
  const t = useTranslations("imports.preview");
  return (
    <ol className="flex flex-col divide-y divide-line">
      {rows.map((row) => (
        <li key={`${row.line} ${JSON.stringify(row.response)}`} className="px-4 py-4 sm:px-5">
          <p className="tabular mb-2 text-[13px] text-muted">{t("line", { line: row.line, format })}</p>
          <div className="grid gap-3 md:grid-cols-2">
            <Text title={t("prompt")} messages={row.prompt} />
            <Text
              title={t("response")}
              note={row.model && t("fromModel", { model: row.model })}
              messages={row.response}
            />
          </div>
          <p className="mt-2 text-[13px]">{t(row.desirable ? "wanted" : "unwanted")}</p>
        </li>
      ))}
    </ol>
  );
}
