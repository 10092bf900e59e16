"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { ConfirmDialog } from "@/app/_ui/ConfirmDialog";
import { useToast } from "@/app/_ui/Toast";
import { useLast } from "@/app/_ui/useLast";
import type { Person } from "./peopleTypes";

interface Props {
  projectId: string;
  person: Person | null;
  onClose: () => void;
}

export function RemoveDialog({ projectId, person, onClose }: Props) {
  const t = useTranslations("people");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const shown = useLast(person);
  const remove = useMutation(
    trpc.people.remove.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.people.list.queryFilter({ projectId }));
        toast.show({ title: t("removed", { name: shown?.name ?? "" }) });
        onClose();
      },
    }),
  );
  return (
    <ConfirmDialog
      open={person !== null}
      onOpenChange={(open) => {
        if (!open) {
          remove.reset();
          onClose();
        }
      }}
      title={t("remove.title", { name: shown?.name ?? "" })}
      confirmLabel={t("remove.confirm")}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => person && remove.mutate({ projectId, userId: person.userId })}
    >
      {t("remove.text", { votes: shown?.votes ?? 0 })}
    </ConfirmDialog>
  );
}
