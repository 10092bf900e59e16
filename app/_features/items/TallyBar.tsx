"use client";
import { useTranslations } from "next-intl";
import { tally } from "./verdict";

/** How an item's votes are spread: to either side of the middle, alike for both answers. */
export function TallyBar({ verdicts }: { verdicts: readonly number[] }) {
  const t = useTranslations("items");
  if (verdicts.length === 0) return <span className="text-muted">{t("noVotes")}</span>;
  const { forA, ties, forB } = tally(verdicts);
  const half = (count: number) => `${(count / verdicts.length) * 50}%`;
  return (
    <span className="inline-flex items-center gap-2" title={t("tally", { forA, ties, forB })}>
      <span className="sr-only">{t("tally", { forA, ties, forB })}</span>
      <span aria-hidden className="relative block h-2 w-16 rounded-sm bg-line/80">
        <span className="absolute inset-y-0 right-1/2 rounded-l-sm bg-chart-1" style={{ width: half(forA) }} />
        <span className="absolute inset-y-0 left-1/2 rounded-r-sm bg-chart-1" style={{ width: half(forB) }} />
        <span className="absolute -inset-y-0.5 left-1/2 w-0.5 -translate-x-1/2 bg-ink" />
      </span>
      <span aria-hidden className="tabular text-[13px] text-muted">
        {forA} · {ties} · {forB}
      </span>
    </span>
  );
}
