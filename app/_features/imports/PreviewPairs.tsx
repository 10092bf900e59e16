"use client";
import { useTranslations } from "next-intl";
import { Messages } from "@/app/_ui/Messages";
import type { ImportFormat, ImportMapping } from "@/server/domain/imports/mapping";
import type { Message } from "@/trainer/contracts/message";
import { verdictWord } from "../items/verdict";
import type { PreviewRow } from "./importTypes";

interface Props {
  rows: readonly PreviewRow[];
  meaning: ImportMapping["meaning"];
  format: ImportFormat;
}

/** The first pairs of a file, in the file's order of answers. */
export function PreviewPairs({ rows, meaning, format }: Props) {
  const t = useTranslations("imports.preview");
  const names = meaning === "a_chosen" ? (["chosen", "rejected"] as const) : (["first", "second"] as const);
  return (
    <ol className="flex flex-col divide-y divide-line">
      {rows.map((row) => (
        <li key={`${row.line} ${JSON.stringify([row.a, row.b])}`} className="px-4 py-4 sm:px-5">
          <p className="tabular mb-2 text-[13px] text-muted">{t("line", { line: row.line, format })}</p>
          <Text title={t("prompt")} messages={row.prompt} />
          <div className="mt-3 grid gap-3 md:grid-cols-2">
            <Text title={t(names[0])} note={row.modelA && t("fromModel", { model: row.modelA })} messages={row.a} />
            <Text title={t(names[1])} note={row.modelB && t("fromModel", { model: row.modelB })} messages={row.b} />
          </div>
          <Labels row={row} chosen={meaning === "a_chosen"} />
        </li>
      ))}
    </ol>
  );
}

export function Text({ title, note, messages }: { title: string; note?: string | null; messages: readonly Message[] }) {
  return (
    <section className="min-w-0 rounded-md border border-line">
      <h3 className="flex flex-wrap items-baseline justify-between gap-x-3 border-b border-line px-3 py-1.5 text-[13px] font-medium">
        {title}
        {note ? <span className="font-normal text-muted [overflow-wrap:anywhere]">{note}</span> : null}
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section aria-label={title} tabIndex={0} className="max-h-56 overflow-y-auto px-3 py-2">
        <Messages messages={messages} />
      </section>
    </section>
  );
}

function Labels({ row, chosen }: { row: PreviewRow; chosen: boolean }) {
  const t = useTranslations("imports");
  if (row.labels.length === 0) return <p className="mt-2 text-[13px] text-muted">{t("preview.noLabels")}</p>;
  return (
    <div className="mt-2 text-[13px]">
      <span className="text-muted">{t("preview.labels")}</span>
      <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1">
        {row.labels.map(({ who, verdict, bothBad }, index) => (
          <li key={who}>
            {t("preview.label", {
              // What chosen and rejected say comes first and belongs to nobody.
              who: chosen && index === 0 ? t("preview.theFile") : who,
              verdict: t(`verdict.${verdictWord(verdict, bothBad)}`),
            })}
          </li>
        ))}
      </ul>
    </div>
  );
}
