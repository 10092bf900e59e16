"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Badge } from "@/app/_ui/Badge";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { type SkipReason, skipReasons } from "@/server/domain/judging";
import type { ItemDetail } from "./itemTypes";

const isSkipReason = (reason: string): reason is SkipReason => (skipReasons as readonly string[]).includes(reason);

/** What annotators reported about an item and why some passed it on; nothing when nobody did. */
export function ItemReports({ projectId, item }: { projectId: string; item: ItemDetail }) {
  const t = useTranslations("items.reports");
  const words = useTranslations("annotate");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const settle = useMutation(
    trpc.items.settleFlag.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.items.get.queryFilter({ projectId, itemId: item.id })),
    }),
  );
  if (item.flags.length === 0 && item.skips.length === 0) return null;
  return (
    <Card title={t("title")} description={t("lead")}>
      <ul className="flex flex-col">
        {item.flags.map((flag) => (
          <li
            key={flag.id}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-2 first:border-0"
          >
            <Badge tone={flag.settledAt ? "neutral" : "warn"}>{words(`reporting.kinds.${flag.problem}`)}</Badge>
            <span className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
              {flag.note ? <span dir="auto">{flag.note} </span> : null}
              <span className="text-muted">
                {flag.annotator}, <RelativeTime date={flag.createdAt} />
              </span>
            </span>
            {flag.settledAt ? (
              <span className="text-[13px] text-muted">
                {t("settled", { name: flag.settledBy ?? "" })} <RelativeTime date={flag.settledAt} />
              </span>
            ) : (
              <Button
                size="sm"
                pending={settle.isPending}
                onClick={() => settle.mutate({ projectId, flagId: flag.id })}
              >
                {t("settle")}
              </Button>
            )}
          </li>
        ))}
        {item.skips.map(({ name, reason, at }) => (
          <li key={`${name} ${at?.getTime()}`} className="border-t border-line py-2 first:border-0">
            {t("skipped", { name })}{" "}
            {reason === null ? t("noReason") : isSkipReason(reason) ? words(`skipping.reasons.${reason}`) : reason}{" "}
            <span className="text-muted">{at ? <RelativeTime date={at} /> : null}</span>
          </li>
        ))}
      </ul>
      {settle.error ? <ErrorNote error={settle.error} /> : null}
    </Card>
  );
}
