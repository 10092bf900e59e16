"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { useFigures } from "./useFigures";

/** What the project's models, checkpoints and snapshots take on the disk, in a line. */
export function DiskUseLine({ projectId }: { projectId: string }) {
  const t = useTranslations("runs.disk");
  const { bytes } = useFigures();
  const use = useQuery(useTRPC().runs.diskUse.queryOptions({ projectId }));
  if (!use.data) return null;
  const { models, checkpoints, snapshots } = use.data;
  return (
    <p className="tabular mt-3 text-[13px] text-muted" data-disk={models + checkpoints + snapshots}>
      <span className="font-medium text-ink">{t("total", { total: bytes(models + checkpoints + snapshots) })}</span>
      {": "}
      {t("parts", { models: bytes(models), checkpoints: bytes(checkpoints), snapshots: bytes(snapshots) })}
    </p>
  );
}

/** What one run keeps on the disk; null while it is not known. */
export function useRunBytes(projectId: string, runId: string): { model: number; checkpoints: number } | null {
  const use = useQuery(useTRPC().runs.diskUse.queryOptions({ projectId }));
  return use.data?.runs[runId] ?? null;
}
