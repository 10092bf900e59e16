"use client";
import { useTranslations } from "next-intl";
import { Progress } from "@/app/_ui/Progress";

/** Votes an item has of those it wants. */
export function VotesProgress({ votes, overlap }: { votes: number; overlap: number }) {
  const t = useTranslations("items");
  return (
    <span className="flex items-center gap-2 whitespace-nowrap">
      <Progress
        value={votes}
        max={overlap}
        label={t("votesLabel", { votes, overlap })}
        className="w-12 max-sm:hidden"
      />
      <span className="tabular">{t("votesOf", { votes, overlap })}</span>
    </span>
  );
}
