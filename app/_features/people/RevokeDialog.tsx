"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { ConfirmDialog } from "@/app/_ui/ConfirmDialog";
import { useLast } from "@/app/_ui/useLast";
import type { Invite } from "./peopleTypes";

interface Props {
  projectId: string;
  invite: Invite | null;
  onClose: () => void;
}

export function RevokeDialog({ projectId, invite, onClose }: Props) {
  const t = useTranslations("people");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const shown = useLast(invite);
  const revoke = useMutation(
    trpc.invites.revoke.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.invites.list.queryFilter({ projectId }));
        onClose();
      },
    }),
  );
  return (
    <ConfirmDialog
      open={invite !== null}
      onOpenChange={(open) => {
        if (!open) {
          revoke.reset();
          onClose();
        }
      }}
      title={t("invite.revokeTitle")}
      confirmLabel={t("invite.revoke")}
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => invite && revoke.mutate({ projectId, inviteId: invite.id })}
    >
      {t("invite.revokeText", { uses: shown?.uses ?? 0 })}
    </ConfirmDialog>
  );
}
