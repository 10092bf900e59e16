"use client";
import type { inferRouterOutputs } from "@trpc/server";
import { useFormatter, useTranslations } from "next-intl";
import { Progress } from "@/app/_ui/Progress";
import { Stat } from "@/app/_ui/Stat";
import type { AppRouter } from "@/server/trpc/appRouter";

export type Overview = inferRouterOutputs<AppRouter>["projects"]["overview"];

export function OverviewStats({ overview: o }: { overview: Overview }) {
  const t = useTranslations("overview");
  const format = useFormatter();
  return (
    <dl className="grid grid-cols-1 gap-4 min-[26rem]:grid-cols-2 lg:grid-cols-4">
      <Stat
        label={t("votes")}
        value={format.number(o.votes)}
        hint={
          <>
            <Progress value={o.votes} max={o.votesWanted} label={t("votesProgress")} className="mt-1 mb-1.5" />
            {t("votesHint", { wanted: format.number(o.votesWanted) })}
          </>
        }
      />
      <Stat
        label={t("items")}
        value={format.number(o.items)}
        hint={t("itemsHint", { complete: format.number(o.completeItems), open: format.number(o.openItems) })}
      />
      <Stat
        label={t("annotators")}
        value={format.number(o.annotators)}
        hint={t("annotatorsHint", { count: o.activeToday })}
      />
      <Stat
        label={t("setAside")}
        value={format.number(o.late + o.skipped)}
        hint={t("setAsideHint", { late: format.number(o.late), skipped: format.number(o.skipped) })}
      />
    </dl>
  );
}
