"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ban, Pause, Play, RotateCw } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ConfirmDialog } from "@/app/_ui/ConfirmDialog";
import { useErrorText } from "@/app/_ui/errorText";
import { useToast } from "@/app/_ui/Toast";
import { RemoveRun } from "./RemoveRun";
import { isActive, type RunDetail } from "./runTypes";

/** Pause, resume and cancel while it is not over; delete or train again once it is. */
export function RunActions({ projectId, run }: { projectId: string; run: RunDetail }) {
  const t = useTranslations("runs");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const toast = useToast();
  const errorText = useErrorText();
  const [asking, setAsking] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.runs.pathKey() });
  const cancel = useMutation(
    trpc.runs.cancel.mutationOptions({
      onSuccess: async () => {
        await refresh();
        setAsking(false);
        toast.show({ title: t("toasts.cancelled") });
      },
    }),
  );
  const onError = (error: Parameters<typeof errorText>[0]) => toast.show({ tone: "danger", title: errorText(error) });
  const told = (title: string) => async () => {
    await refresh();
    toast.show({ title });
  };
  const pause = useMutation(trpc.runs.pause.mutationOptions({ onSuccess: told(t("toasts.paused")), onError }));
  const resume = useMutation(trpc.runs.resume.mutationOptions({ onSuccess: told(t("toasts.resumed")), onError }));
  const rerun = useMutation(
    trpc.runs.rerun.mutationOptions({
      onSuccess: async ({ runId }) => {
        await refresh();
        toast.show({ title: t("toasts.rerun") });
        router.push(`/projects/${projectId}/runs/${runId}`);
      },
      onError,
    }),
  );
  if (!isActive(run)) {
    return (
      <>
        <RemoveRun projectId={projectId} runId={run.id} />
        <Button
          title={t("actions.rerunHelp")}
          pending={rerun.isPending}
          icon={<RotateCw aria-hidden className="size-4" />}
          onClick={() => rerun.mutate({ projectId, runId: run.id })}
        >
          {t("actions.rerun")}
        </Button>
      </>
    );
  }
  const what = { projectId, runId: run.id };
  return (
    <>
      {run.state === "paused" ? (
        <Button
          variant="primary"
          title={t("actions.resumeHelp")}
          pending={resume.isPending}
          icon={<Play aria-hidden className="size-4" />}
          onClick={() => resume.mutate(what)}
        >
          {t("actions.resume")}
        </Button>
      ) : (
        <Button
          title={t("actions.pauseHelp")}
          pending={pause.isPending}
          disabled={run.pauseRequested || run.cancelRequested}
          icon={<Pause aria-hidden className="size-4" />}
          onClick={() => pause.mutate(what)}
        >
          {t("actions.pause")}
        </Button>
      )}
      <Button
        disabled={run.cancelRequested}
        icon={<Ban aria-hidden className="size-4" />}
        onClick={() => {
          cancel.reset();
          setAsking(true);
        }}
      >
        {t("actions.cancel")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("actions.cancelTitle")}
        confirmLabel={t("actions.cancel")}
        keepLabel={t("actions.keep")}
        pending={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate({ projectId, runId: run.id })}
      >
        {t("actions.cancelText")}
      </ConfirmDialog>
    </>
  );
}
