"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Archive, ArchiveRestore } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ConfirmDialog } from "@/app/_ui/ConfirmDialog";
import { useErrorText } from "@/app/_ui/errorText";
import { useToast } from "@/app/_ui/Toast";

interface Props {
  projectId: string;
  itemId: string;
  retired: boolean;
  votes: number;
}

/** Takes an item out of the queue after a question, or puts it back at once. */
export function RetireItem({ projectId, itemId, retired, votes }: Props) {
  const t = useTranslations("items.detail");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const errorText = useErrorText();
  const [asking, setAsking] = useState(false);
  const refresh = () =>
    Promise.all([
      queries.invalidateQueries(trpc.items.get.queryFilter({ projectId, itemId })),
      queries.invalidateQueries({ queryKey: trpc.items.list.pathKey() }),
    ]);
  const retire = useMutation(
    trpc.items.retire.mutationOptions({
      onSuccess: async () => {
        await refresh();
        setAsking(false);
        toast.show({ title: t("retiredToast") });
      },
    }),
  );
  const restore = useMutation(
    trpc.items.restore.mutationOptions({
      onSuccess: async () => {
        await refresh();
        toast.show({ title: t("restoredToast") });
      },
      onError: (error) => toast.show({ tone: "danger", title: t("failed"), description: errorText(error) }),
    }),
  );
  if (retired) {
    return (
      <Button
        pending={restore.isPending}
        icon={<ArchiveRestore aria-hidden className="size-4" />}
        onClick={() => restore.mutate({ projectId, itemId })}
      >
        {restore.isPending ? t("restoring") : t("restore")}
      </Button>
    );
  }
  return (
    <>
      <Button
        icon={<Archive aria-hidden className="size-4" />}
        onClick={() => {
          retire.reset();
          setAsking(true);
        }}
      >
        {t("retire")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("retireTitle")}
        confirmLabel={retire.isPending ? t("retiring") : t("retire")}
        pending={retire.isPending}
        error={retire.error}
        onConfirm={() => retire.mutate({ projectId, itemId })}
      >
        {t("retireBody", { votes })}
      </ConfirmDialog>
    </>
  );
}
