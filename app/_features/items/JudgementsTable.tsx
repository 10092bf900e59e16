"use client";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_ui/Badge";
import { cx } from "@/app/_ui/cx";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { Table, Td, Th } from "@/app/_ui/Table";
import { Tooltip } from "@/app/_ui/Tooltip";
import type { ItemJudgement } from "./itemTypes";
import { VerdictBar } from "./VerdictBar";
import { verdictWord } from "./verdict";

type Mark = "late" | "byRule" | "imported" | "superseded";

const marksOf = (judgement: ItemJudgement): Mark[] =>
  (["late", "byRule", "imported", "superseded"] as const).filter((mark) => judgement[mark]);

/** Everything anybody said about an item, also what does not count any more. */
export function JudgementsTable({ judgements }: { judgements: readonly ItemJudgement[] }) {
  const t = useTranslations("items.judgements");
  return (
    <Table label={t("title")}>
      <thead>
        <tr>
          <Th>{t("who")}</Th>
          <Th className="w-full">{t("verdict")}</Th>
          <Th className="max-md:hidden">{t("left")}</Th>
          <Th className="max-md:hidden">{t("time")}</Th>
          <Th className="max-sm:hidden">{t("when")}</Th>
        </tr>
      </thead>
      <tbody>
        {judgements.map((judgement) => (
          <JudgementRow key={judgement.id} judgement={judgement} />
        ))}
      </tbody>
    </Table>
  );
}

function JudgementRow({ judgement }: { judgement: ItemJudgement }) {
  const t = useTranslations("items.judgements");
  const words = useTranslations("items.verdict");
  const demo = useTranslations("demo.byRule");
  const word = verdictWord(judgement.verdict, judgement.bothBad);
  const { leftSlot, durationMs } = judgement;
  return (
    <tr>
      <Td>
        <span className="block min-w-24 [overflow-wrap:anywhere]">
          {judgement.byRule ? demo("judge") : judgement.annotator}
        </span>
        {judgement.purpose === "vote" ? null : (
          <span className="text-[13px] text-muted">{t(`purpose.${judgement.purpose}`)}</span>
        )}
        <span className="block text-[13px] text-muted sm:hidden">
          <RelativeTime date={judgement.createdAt} />
        </span>
      </Td>
      <Td>
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          {judgement.verdict === null ? null : <VerdictBar verdict={judgement.verdict} />}
          <span className={cx("whitespace-nowrap", judgement.superseded && "text-muted line-through")}>
            {word === "none" ? t("undone") : words(word)}
          </span>
          {marksOf(judgement).map((mark) => (
            <Tooltip key={mark} text={t(`${mark}Hint`)}>
              <button
                type="button"
                className="rounded-sm pointer-coarse:min-h-11"
                aria-label={`${t(mark)}. ${t(`${mark}Hint`)}`}
              >
                <Badge tone={mark === "late" ? "warn" : "neutral"}>{t(mark)}</Badge>
              </button>
            </Tooltip>
          ))}
        </span>
        {Object.keys(judgement.criteria).length > 0 ? (
          <ul className="mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5 text-[13px] text-muted">
            {Object.entries(judgement.criteria).map(([name, value]) => (
              <li key={name}>
                {name}: <span className="text-ink">{words(verdictWord(value, false))}</span>
              </li>
            ))}
          </ul>
        ) : null}
        {judgement.reason ? (
          <p className="mt-1.5 max-w-[72ch] whitespace-pre-line text-muted [overflow-wrap:anywhere]">
            <span className="sr-only">{t("reason")}: </span>
            {judgement.reason}
          </p>
        ) : null}
      </Td>
      <Td className="whitespace-nowrap max-md:hidden">
        {leftSlot === null ? t("unknown") : leftSlot === "a" ? t("leftA") : t("leftB")}
      </Td>
      <Td className="whitespace-nowrap max-md:hidden">
        {durationMs === null ? t("unknown") : t("seconds", { seconds: Math.round(durationMs / 100) / 10 })}
      </Td>
      <Td className="whitespace-nowrap text-muted max-sm:hidden">
        <RelativeTime date={judgement.createdAt} />
      </Td>
    </tr>
  );
}
