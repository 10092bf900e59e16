"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";

/** Why answers may be slow or not come at all. */
export function WorkerNote({ projectId }: { projectId: string }) {
  const t = useTranslations("playground");
  const trpc = useTRPC();
  const { data } = useQuery(trpc.runs.list.queryOptions({ projectId }, { refetchInterval: 10_000 }));
  if (!data) return null;
  const text = !data.workerOnline
    ? t("workerOffline")
    : data.runs.some((r) => r.state === "running")
      ? t("busy")
      : null;
  return text ? (
    <p role="status" className="rounded-md border border-warn/40 bg-warn-soft p-3">
      {text}
    </p>
  ) : null;
}
