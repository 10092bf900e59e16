"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Badge } from "@/app/_ui/Badge";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Progress } from "@/app/_ui/Progress";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { useFigures } from "../runs/useFigures";
import { stateTones } from "./Additions";
import { CompressionFigures } from "./CompressionFigures";
import type { CompressionRow } from "./modelTypes";

const isUnderWay = ({ state }: Pick<CompressionRow, "state">) => state === "queued" || state === "running";

/** Deltas that were asked for of a model, and of a delta how it came about. Nothing where there is none. */
export function Compressions({ projectId, modelId }: { projectId: string; modelId: string }) {
  const t = useTranslations("models.compress");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const asked = useQuery(
    trpc.models.compressions.queryOptions(
      { projectId, modelId },
      { refetchInterval: ({ state }) => (state.data?.compressions.some(isUnderWay) ? 1_000 : 15_000) },
    ),
  );
  const rows = asked.data?.compressions ?? [];
  const finished = rows.filter((row) => row.state === "finished").length;
  const registry = trpc.models.list.queryKey();
  const lineage = trpc.models.lineage.queryKey();
  useEffect(() => {
    if (finished === 0) return;
    for (const queryKey of [registry, lineage]) void queries.invalidateQueries({ queryKey });
  }, [finished, queries, registry, lineage]);
  if (asked.isError && rows.length === 0) return <ErrorNote error={asked.error} onRetry={() => asked.refetch()} />;
  if (rows.length === 0) return null;
  const waits = rows.some(isUnderWay) && !asked.data?.workerOnline;
  return (
    <section id="compressions" aria-live="polite">
      <Card title={t("cardTitle")} description={t("cardText")}>
        {waits ? <p className="mb-3 text-[13px] text-muted">{t("noWorker")}</p> : null}
        <ul className="grid gap-5">
          {rows.map((row) => (
            <Compression key={row.id} projectId={projectId} modelId={modelId} row={row} />
          ))}
        </ul>
      </Card>
    </section>
  );
}

const linkClass = "text-accent underline underline-offset-2 break-words";

function Compression({ projectId, modelId, row }: { projectId: string; modelId: string; row: CompressionRow }) {
  const t = useTranslations("models.compress");
  const { duration } = useFigures();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const cancel = useMutation(
    trpc.models.cancelCompression.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.models.compressions.queryKey() }),
    }),
  );
  const { step, totalSteps, etaSeconds, report, error } = row;
  const underWay = isUnderWay(row);
  const linked = ({ id, name, removed }: CompressionRow["source"]) =>
    removed || id === modelId || name === null ? (
      <span className="break-words">{name ?? t("gone")}</span>
    ) : (
      <Link href={`/projects/${projectId}/models/${id}`} className={linkClass}>
        {name}
      </Link>
    );
  return (
    <li className="grid gap-2">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 basis-60">
          {t.rich("row", {
            number: row.snapshotNumber,
            source: () => linked(row.source),
            base: () => linked(row.base),
          })}{" "}
          <span className="text-[13px] text-muted">
            <RelativeTime date={row.createdAt} />
          </span>
        </p>
        <div className="flex items-center gap-2">
          <Badge tone={stateTones[row.state]}>{t(`state.${row.state}`)}</Badge>
          {underWay ? (
            <Button
              size="sm"
              pending={cancel.isPending}
              disabled={row.cancelRequested}
              onClick={() => cancel.mutate({ projectId, compressionId: row.id })}
            >
              {t("cancel")}
            </Button>
          ) : null}
        </div>
      </div>
      {row.state === "running" ? (
        <div className="grid gap-1">
          <Progress value={step} max={totalSteps} label={t("progressLabel", { name: row.source.name ?? "" })} />
          <p className="tabular text-[13px] text-muted">
            {etaSeconds === null ? t("judging") : t("progress", { step, all: totalSteps, time: duration(etaSeconds) })}
          </p>
        </div>
      ) : null}
      {row.model && row.model.id !== modelId ? (
        <p>{t.rich("made", { model: () => linked(row.model as typeof row.source) })}</p>
      ) : null}
      {error ? <p className="break-words text-danger">{error}</p> : null}
      {cancel.isError ? <ErrorNote error={cancel.error} /> : null}
      {report ? <CompressionFigures report={report} /> : null}
    </li>
  );
}
