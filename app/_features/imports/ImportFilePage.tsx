"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { HttpError } from "@/app/_ui/appError";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Progress } from "@/app/_ui/Progress";
import { Skeleton } from "@/app/_ui/Skeleton";
import type { ImportMapping } from "@/server/domain/imports/mapping";
import { ImportPreviewView } from "./ImportPreviewView";
import { ImportResult } from "./ImportResult";

const pollMs = 1_000;
const underWay = (state: string | undefined): boolean => state === "queued" || state === "running";

/** One uploaded file: its preview, its import under way, or what became of it. */
export function ImportFilePage({ projectId, importId }: { projectId: string; importId: string }) {
  const t = useTranslations("imports");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [edited, setEdited] = useState<ImportMapping | null>(null);
  /** Of the file, known once a preview that read all of it was here. */
  const [total, setTotal] = useState<number | null>(null);
  const commit = useMutation(
    trpc.imports.commit.mutationOptions({
      onSettled: () => {
        void queries.invalidateQueries({ queryKey: trpc.imports.list.pathKey() });
        return queries.invalidateQueries({ queryKey: trpc.imports.get.pathKey() });
      },
    }),
  );
  const batch = useQuery(
    trpc.imports.get.queryOptions(
      { projectId, importId },
      { refetchInterval: (query) => (commit.isPending || underWay(query.state.data?.state) ? pollMs : false) },
    ),
  );
  const data = batch.data;
  const finished = data?.state === "finished";
  useEffect(() => {
    if (!finished) return;
    for (const key of [trpc.items.pathKey(), trpc.projects.pathKey(), trpc.imports.list.pathKey()])
      void queries.invalidateQueries({ queryKey: key });
  }, [finished, queries, trpc]);
  const fileName = data?.fileName ?? "";
  const titles = {
    uploaded: "preview.title",
    failed: "preview.title",
    queued: "result.title",
    running: "result.title",
    finished: "result.title",
  } as const;
  return (
    <Page>
      <PageHeader
        back={{ href: `/projects/${projectId}/import`, label: t("preview.back") }}
        title={data ? t(titles[data.state], { fileName }) : <Skeleton className="h-7 w-64" />}
      />
      {!data ? (
        batch.isError ? (
          <ErrorNote error={batch.error} onRetry={() => batch.refetch()} />
        ) : (
          <Skeleton className="h-40" />
        )
      ) : data.state === "finished" ? (
        <ImportResult projectId={projectId} result={data} />
      ) : underWay(data.state) ? (
        <Card title={t("preview.running")}>
          {total === null ? null : (
            <Progress className="mb-3" label={t("preview.running")} value={data.rowsRead} max={total} />
          )}
          <p role="status" className="tabular">
            {data.state === "queued" ? t("preview.queued") : t("preview.runningRows", { rows: data.rowsRead })}
          </p>
        </Card>
      ) : (
        <ImportPreviewView
          projectId={projectId}
          importId={importId}
          edited={edited}
          onEdit={setEdited}
          committing={commit.isPending}
          onCommit={(mapping, rows: number | null) => {
            setTotal(rows);
            commit.mutate({ projectId, importId, mapping });
          }}
          note={
            <>
              {data.state === "failed" ? <p className="mt-3">{t("preview.failed")}</p> : null}
              {commit.error || data.error ? (
                <ErrorNote error={commit.error ?? new HttpError(data.error ?? "internal_error")} className="mt-3" />
              ) : null}
            </>
          }
        />
      )}
    </Page>
  );
}
