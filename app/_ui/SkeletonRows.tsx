"use client";
import { useTranslations } from "next-intl";
import { Skeleton } from "./Skeleton";

/** A list or a table that is still on its way. */
export function SkeletonRows({ rows = 5 }: { rows?: number }) {
  const t = useTranslations("common");
  return (
    <div role="status" className="divide-y divide-line">
      <span className="sr-only">{t("loading")}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical rows that never move
        <div key={row} className="flex items-center gap-4 px-4 py-3.5 sm:px-5">
          <Skeleton className="w-1/3" />
          <Skeleton className="w-1/5" />
          <Skeleton className="ml-auto w-16" />
        </div>
      ))}
    </div>
  );
}
