"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type DragEvent, useEffect, useReducer, useRef, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { readError } from "@/app/_ui/appError";
import { Button } from "@/app/_ui/Button";
import { cx } from "@/app/_ui/cx";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Progress } from "@/app/_ui/Progress";
import { useFigures } from "../runs/useFigures";
import { objectionTo } from "./fileCheck";
import { HalfDone } from "./HalfDone";
import { type Upload, uploadFile } from "./uploadFile";
import { secondsLeft, uploadMachine, uploadPercent } from "./uploadMachine";
import { useFileSize } from "./useFileSize";

/** Takes a file by drop or by choice, sends it, and goes on to its preview. */
export function UploadBox({ projectId }: { projectId: string }) {
  const t = useTranslations("imports");
  const size = useFileSize();
  const { duration } = useFigures();
  const router = useRouter();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const upload = useRef<Upload | null>(null);
  const file = useRef<File | null>(null);
  const [over, setOver] = useState(false);
  const [state, send] = useReducer(uploadMachine, { name: "idle" });
  const uploading = state.name === "uploading";
  const known = useQuery(trpc.imports.uploads.queryOptions({ projectId }));
  const limitBytes = known.data?.limitBytes ?? null;

  // Leaving the page stops the upload; the same file goes on from there.
  useEffect(() => () => upload.current?.abort(), []);

  async function start(chosen: File) {
    if (uploading) return;
    const fileName = chosen.name;
    const objection = objectionTo(chosen, limitBytes);
    if (objection) return send({ type: "refuse", fileName, objection });
    file.current = chosen;
    send({ type: "start", fileName, total: chosen.size });
    upload.current = uploadFile(projectId, chosen, {
      progress: (sent) => send({ type: "progress", sent, at: performance.now() }),
      wait: () => send({ type: "wait" }),
    });
    try {
      const importId = await upload.current.done;
      send({ type: "done", importId });
      void queries.invalidateQueries({ queryKey: trpc.imports.list.pathKey() });
      router.push(`/projects/${projectId}/import/${importId}`);
    } catch (error) {
      send({ type: "fail", error });
    }
    void queries.invalidateQueries({ queryKey: trpc.imports.uploads.pathKey() });
  }

  async function cancel() {
    send({ type: "cancel" });
    await upload.current?.discard().catch(() => {});
    void queries.invalidateQueries({ queryKey: trpc.imports.uploads.pathKey() });
  }

  function onDrop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const files = [...event.dataTransfer.files];
    const [first] = files;
    if (files.length > 1) send({ type: "refuse", fileName: first?.name ?? "", objection: "many" });
    else if (first) void start(first);
  }

  const limit = limitBytes === null ? "–" : size(limitBytes);
  const left = secondsLeft(state);
  return (
    <section
      aria-label={t("choose.title")}
      onDragOver={(event) => {
        event.preventDefault();
        if (!uploading) setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={onDrop}
      className={cx(
        "flex min-h-60 flex-col items-center justify-center gap-3 rounded-md border border-dashed p-6 text-center transition-colors",
        over ? "border-accent bg-accent-soft" : "border-line-strong bg-surface",
      )}
    >
      {state.name === "uploading" || state.name === "uploaded" ? (
        <div className="w-full max-w-md">
          <p role="status" className="[overflow-wrap:anywhere]">
            {state.name === "uploaded"
              ? t("upload.done", { fileName: state.fileName })
              : state.waiting
                ? t("upload.waiting")
                : state.sent >= state.total
                  ? t("upload.checking")
                  : t("upload.uploading", { fileName: state.fileName })}
          </p>
          <Progress
            className="my-3"
            label={t("upload.uploading", { fileName: state.fileName })}
            value={state.name === "uploaded" ? 100 : uploadPercent(state.sent, state.total)}
            max={100}
          />
          {state.name === "uploading" ? (
            <div className="flex items-center justify-between gap-3">
              <span className="tabular text-muted">
                {t("upload.progress", { sent: size(state.sent), total: size(state.total) })}
                {left === null ? null : ` · ${t("upload.left", { time: duration(left) })}`}
              </span>
              <Button size="sm" onClick={() => void cancel()}>
                {t("upload.cancel")}
              </Button>
            </div>
          ) : null}
        </div>
      ) : (
        <>
          <FileUp aria-hidden className="size-8 stroke-[1.5] text-muted" />
          <p className="pointer-coarse:hidden">
            {over ? t("choose.release") : t("choose.drop")} <span className="text-muted">{t("choose.or")}</span>
          </p>
          <Button variant="primary" onClick={() => input.current?.click()}>
            {t("choose.button")}
          </Button>
          <p className="max-w-[64ch] text-[13px] text-muted">{t("choose.hint", { limit })}</p>
          <HalfDone projectId={projectId} uploads={known.data?.uploads ?? []} />
        </>
      )}
      <input
        ref={input}
        type="file"
        accept=".jsonl,.ndjson,.json,.csv,.tsv,.txt,.parquet,.gz,.zst,.zip,application/json,text/csv"
        hidden
        onChange={(event) => {
          const [chosen] = event.currentTarget.files ?? [];
          if (chosen) void start(chosen);
          // Choosing the same file again, mended, must count as a change.
          event.currentTarget.value = "";
        }}
      />
      {state.name === "refused" ? (
        <p role="alert" className="font-medium text-danger [overflow-wrap:anywhere]">
          {t(`upload.${state.objection}`, { fileName: state.fileName, limit })}
        </p>
      ) : null}
      {state.name === "failed" ? (
        <div className="w-full max-w-xl text-start">
          <p className="mb-2 font-medium [overflow-wrap:anywhere]">
            {t("upload.failed", { fileName: state.fileName })}
          </p>
          <ErrorNote
            error={state.error}
            // The same unreadable file once more would end the same.
            onRetry={readError(state.error).retryable ? () => file.current && void start(file.current) : undefined}
          />
        </div>
      ) : null}
    </section>
  );
}
