"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { DescentList } from "@/app/_features/models/DescentList";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ConfirmDialog } from "@/app/_ui/ConfirmDialog";
import { Skeleton } from "@/app/_ui/Skeleton";
import { useToast } from "@/app/_ui/Toast";
import { useFigures } from "./useFigures";

/** Deletes a run that has ended, after saying what goes with it and what hangs on it. */
export function RemoveRun({ projectId, runId }: { projectId: string; runId: string }) {
  const t = useTranslations("runs.remove");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const toast = useToast();
  const { bytes: size } = useFigures();
  const [asking, setAsking] = useState(false);
  const removal = useQuery(trpc.runs.removal.queryOptions({ projectId, runId }, { enabled: asking, staleTime: 0 }));
  const remove = useMutation(
    trpc.runs.remove.mutationOptions({
      onSuccess: async () => {
        toast.show({ title: t("done") });
        router.push(`/projects/${projectId}/runs`);
        // Not the run's own: its page is still there and would ask for what is gone.
        const keys = [trpc.models.pathKey(), trpc.runs.list.pathKey(), trpc.runs.diskUse.pathKey()];
        await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
      },
    }),
  );
  const { bytes, model } = removal.data ?? {};
  return (
    <>
      <Button
        icon={<Trash2 aria-hidden className="size-4" />}
        onClick={() => {
          remove.reset();
          setAsking(true);
        }}
      >
        {t("action")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("title")}
        confirmLabel={t("action")}
        pending={remove.isPending || removal.isPending}
        error={remove.error ?? removal.error}
        onConfirm={() => remove.mutate({ projectId, runId })}
      >
        {bytes ? (
          <>
            <p>{t("goes")}</p>
            <ul className="mt-1 list-disc ps-5">
              <li>{t("record")}</li>
              {bytes.checkpoints > 0 ? <li>{t("checkpoints", { size: size(bytes.checkpoints) })}</li> : null}
              {model ? <li>{t("model", { name: model.name, size: size(bytes.model) })}</li> : null}
            </ul>
            {model ? <DescentList {...model}>{t("stays")}</DescentList> : null}
            <p className="mt-3">{t("frees", { size: size(bytes.checkpoints + bytes.model) })}</p>
          </>
        ) : (
          <Skeleton className="h-24" />
        )}
      </ConfirmDialog>
    </>
  );
}
