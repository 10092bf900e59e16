"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { cx } from "@/app/_ui/cx";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Skeleton } from "@/app/_ui/Skeleton";
import { useDebounced } from "@/app/_ui/useDebounced";
import type { ImportMapping } from "@/server/domain/imports/mapping";
import { MappingEditor } from "./MappingEditor";
import { mappingFaults } from "./mapping";
import { PreviewPairs } from "./PreviewPairs";
import { PreviewResponses } from "./PreviewResponses";
import { ProblemsCard } from "./ProblemsCard";
import { useFileSize } from "./useFileSize";

interface Props {
  projectId: string;
  importId: string;
  /** The mapping as a person changed it; null is what was recognised. */
  edited: ImportMapping | null;
  onEdit: (mapping: ImportMapping | null) => void;
  /** What became of an earlier try. */
  note?: ReactNode;
  committing: boolean;
  onCommit: (mapping: ImportMapping, rows: number | null) => void;
}

/** What a file would become: recognised, shown as it will be, corrected, and then imported. Nothing is written before. */
export function ImportPreviewView({ projectId, importId, edited, onEdit, note, committing, onCommit }: Props) {
  const t = useTranslations("imports");
  const size = useFileSize();
  const trpc = useTRPC();
  const settled = useDebounced(edited, 300);
  const asked = settled && mappingFaults(settled).length === 0 ? settled : undefined;
  const preview = useQuery(
    trpc.imports.preview.queryOptions(
      { projectId, importId, mapping: asked },
      { placeholderData: keepPreviousData, staleTime: Number.POSITIVE_INFINITY },
    ),
  );
  const data = preview.data;
  const mapping = edited ?? data?.mapping;
  if (!data || !mapping) {
    return preview.isError ? (
      <ErrorNote error={preview.error} onRetry={() => preview.refetch()} />
    ) : (
      <div className="flex flex-col gap-4">
        <Skeleton className="h-32" />
        <Skeleton className="h-80" />
      </div>
    );
  }
  const faults = mappingFaults(mapping);
  const settling = edited !== settled || preview.isPlaceholderData;
  const usable = faults.length > 0 || preview.isError ? 0 : data.usable;
  const askForColumns = data.shape === "unknown" || data.shape === "two_responses";
  const single = mapping.layout === "unpaired";
  const counts = { usable: data.usable, complete: String(data.complete) };
  return (
    <div className="flex flex-col gap-6">
      <Card>
        <p className="text-[15px] font-medium">{t(`shape.${data.shape}`)}</p>
        <p className="tabular mt-1 text-muted">
          {t(data.complete ? "preview.file" : "preview.fileBeginning", {
            format: t(`format.${data.format}`),
            size: size(data.fileBytes),
            rows: data.total,
          })}
        </p>
        {data.remembered && edited === null ? <p className="mt-1">{t("preview.remembered")}</p> : null}
        {note}
        {faults.length > 0 ? (
          <p role="status" className="mt-3">
            {t("preview.columnsFirst")}
          </p>
        ) : (
          <p role="status" className={cx("tabular mt-3", settling && "opacity-60")}>
            {settling
              ? t("preview.updating")
              : `${t("preview.usable", counts)} ${t("preview.refused", { count: data.problemCount })}`}
          </p>
        )}
        <div className="mt-4">
          <Button
            variant="primary"
            pending={committing}
            disabled={usable === 0 || settling}
            onClick={() => onCommit(mapping, data.complete ? data.total : null)}
          >
            {committing
              ? t("preview.running")
              : usable > 0 && !data.complete
                ? t("preview.actionAll")
                : t(single ? "preview.actionResponses" : "preview.action", { usable })}
          </Button>
        </div>
      </Card>

      <Card>
        <details open={askForColumns || faults.length > 0 || undefined}>
          <summary className="min-h-6 font-semibold pointer-coarse:min-h-11">{t("mapping.title")}</summary>
          <div className="mt-4">
            <MappingEditor
              mapping={mapping}
              columns={data.columns}
              faults={faults}
              edited={edited !== null || data.remembered}
              onChange={onEdit}
              onReset={() => onEdit(data.detected)}
            />
          </div>
        </details>
      </Card>

      {preview.isError ? <ErrorNote error={preview.error} onRetry={() => preview.refetch()} /> : null}

      {faults.length > 0 ? null : (
        <>
          <Card
            flush
            title={t("preview.rowsTitle")}
            description={
              data.responses.length > 0
                ? t("preview.responsesLead", { count: data.responses.length })
                : data.rows.length > 0
                  ? t("preview.rowsLead", { count: data.rows.length })
                  : undefined
            }
            className={cx(settling && "opacity-60")}
          >
            {data.responses.length > 0 ? (
              <PreviewResponses rows={data.responses} format={data.format} />
            ) : data.rows.length > 0 ? (
              <PreviewPairs rows={data.rows} meaning={data.mapping.meaning} format={data.format} />
            ) : (
              <p className="px-4 py-6 text-muted sm:px-5">{t("preview.rowsEmpty")}</p>
            )}
          </Card>
          {data.problemCount > 0 ? (
            <ProblemsCard
              title={t("problems.title")}
              problems={data.problems}
              count={data.problemCount}
              format={data.format}
              download={null}
            />
          ) : null}
        </>
      )}
    </div>
  );
}
