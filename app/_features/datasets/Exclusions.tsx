"use client";
import { useTranslations } from "next-intl";
import { type Excluded, exclusionBars } from "./exclusions";

/** Why items are left out, as bars with their words. */
export function Exclusions({ excluded, pairs }: { excluded: Excluded; pairs: number }) {
  const t = useTranslations("datasets");
  const bars = exclusionBars(excluded, pairs);
  if (bars.length === 0) return <p className="text-muted">{t("exclusions.none")}</p>;
  return (
    <ul className="flex flex-col gap-2.5">
      {bars.map(({ reason, count, width, share }) => (
        <li key={reason}>
          <span className="flex flex-wrap justify-between gap-x-3">
            <span>{t(`reason.${reason}`)}</span>
            <span className="tabular text-muted">{t("exclusions.bar", { count, share })}</span>
          </span>
          <span aria-hidden className="mt-1 block h-2 rounded-sm bg-line/60">
            <span className="block h-full min-w-0.5 rounded-sm bg-chart-1" style={{ width: `${width}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
