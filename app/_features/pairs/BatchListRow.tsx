"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Progress } from "@/app/_ui/Progress";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { useFigures } from "../runs/useFigures";
import { BatchStateBadge } from "./BatchStateBadge";
import { isUnderWay, type PairBatchRow } from "./pairTypes";

/** One batch: who answers what, how far it is, what came of it. */
export function BatchListRow({ projectId, batch }: { projectId: string; batch: PairBatchRow }) {
  const t = useTranslations("pairs");
  const format = useFormatter();
  const { duration } = useFigures();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const cancel = useMutation(
    trpc.pairs.cancel.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.pairs.list.queryFilter({ projectId })),
    }),
  );
  const { promptsDone, promptCount, pairsAdded, pairsKnown, pairsLeftOut, etaSeconds } = batch;
  const models = format.list(batch.modelNames, { type: "conjunction" });
  const underWay = isUnderWay(batch);
  return (
    <li className="grid gap-2 px-4 py-3 sm:px-5">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <p className="font-medium break-words">{models}</p>
          <p className="text-[13px] text-muted">
            {t("asked", { prompts: promptCount, each: batch.perPrompt })} · <RelativeTime date={batch.createdAt} />
          </p>
        </div>
        <div className="flex items-center gap-2">
          <BatchStateBadge batch={batch} />
          {underWay ? (
            <Button
              size="sm"
              pending={cancel.isPending}
              disabled={batch.cancelRequested}
              onClick={() => cancel.mutate({ projectId, batchId: batch.id })}
            >
              {t("cancel")}
            </Button>
          ) : null}
        </div>
      </div>
      {underWay ? (
        <div className="grid gap-1">
          <Progress value={promptsDone} max={promptCount} label={t("progressLabel", { models })} />
          <p className="tabular text-[13px] text-muted">
            {t("progress", { done: promptsDone, all: promptCount })}
            {etaSeconds === null ? null : ` · ${t("timeLeft", { time: duration(etaSeconds) })}`}
          </p>
        </div>
      ) : null}
      {promptsDone > 0 || !underWay ? (
        <p className="tabular">{t("result", { added: pairsAdded, known: pairsKnown, leftOut: pairsLeftOut })}</p>
      ) : null}
      {batch.error ? <p className="break-words text-danger">{batch.error}</p> : null}
      {cancel.isError ? <ErrorNote error={cancel.error} /> : null}
    </li>
  );
}
