"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Badge } from "@/app/_ui/Badge";
import { Button } from "@/app/_ui/Button";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import type { JudgingRules } from "@/server/domain/judging";
import { ChangeVote } from "./ChangeVote";
import { verdictWord } from "./verdicts";

/** The annotator's own latest votes, newest first. */
export function HistoryList({
  projectId,
  rules,
  waiting,
}: {
  projectId: string;
  rules: JudgingRules;
  waiting: number;
}) {
  const t = useTranslations("annotate");
  const trpc = useTRPC();
  const [changing, setChanging] = useState<string | null>(null);
  const history = useQuery({
    ...trpc.annotate.history.queryOptions({ projectId, limit: 50 }),
    staleTime: 0,
    refetchOnMount: "always",
  });
  if (history.isPending) return <SkeletonRows rows={6} />;
  if (history.isError) return <ErrorNote error={history.error} onRetry={() => void history.refetch()} />;
  const { votes, today, total, medianMs } = history.data;
  if (changing !== null) {
    return <ChangeVote projectId={projectId} judgementId={changing} rules={rules} onDone={() => setChanging(null)} />;
  }
  return (
    <div className="flex flex-col gap-3">
      <p className="tabular text-muted">{t("history.counts", { today, total })}</p>
      {medianMs === null ? null : (
        <p className="tabular text-muted">{t("history.pace", { seconds: Math.round(medianMs / 1000) })}</p>
      )}
      {waiting > 0 ? <p className="tabular text-muted">{t("history.waiting", { count: waiting })}</p> : null}
      {votes.length === 0 ? <p>{t("history.none")}</p> : null}
      <ol className="flex flex-col">
        {votes.map((vote) => (
          <li key={vote.judgementId} className="border-t border-line py-2.5">
            <p dir="auto" className="line-clamp-2 break-words">
              {vote.prompt}
            </p>
            <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-[13px] text-muted">
              <span className="font-medium text-ink">
                {t(`words.${verdictWord(vote.bothBad ? "bad" : (vote.verdict ?? 0))}`)}
              </span>
              <RelativeTime date={vote.createdAt} />
              {vote.changed ? <Badge>{t("history.changed")}</Badge> : null}
              {vote.late ? <Badge>{t("history.late")}</Badge> : null}
              {vote.changeable ? (
                <Button size="sm" className="ml-auto" onClick={() => setChanging(vote.judgementId)}>
                  {t("history.change")}
                </Button>
              ) : null}
            </p>
            {vote.reason ? <p className="mt-1 text-[13px] break-words text-muted">{vote.reason}</p> : null}
          </li>
        ))}
      </ol>
    </div>
  );
}
