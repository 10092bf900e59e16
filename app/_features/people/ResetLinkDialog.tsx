"use client";
import { useMutation } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { CopyField } from "@/app/_ui/CopyField";
import { Dialog } from "@/app/_ui/Dialog";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { useLast } from "@/app/_ui/useLast";
import type { Person } from "./peopleTypes";

interface Props {
  projectId: string;
  person: Person | null;
  onClose: () => void;
}

/** A link with which someone chooses a new password. It is made only on asking, since making one spends the last. */
export function ResetLinkDialog({ projectId, person, onClose }: Props) {
  const t = useTranslations("people");
  const common = useTranslations("common");
  const format = useFormatter();
  const trpc = useTRPC();
  const create = useMutation(trpc.people.createResetLink.mutationOptions());
  const shown = useLast(person);
  const close = () => {
    onClose();
    create.reset();
  };
  return (
    <Dialog
      open={person !== null}
      onOpenChange={(open) => !open && close()}
      title={t("reset.title", { name: shown?.name ?? "" })}
      description={t("reset.lead")}
      footer={
        create.data ? (
          <Button onClick={close}>{common("close")}</Button>
        ) : (
          <>
            <Button onClick={close}>{common("cancel")}</Button>
            <Button
              variant="primary"
              pending={create.isPending}
              onClick={() => person && create.mutate({ projectId, userId: person.userId })}
            >
              {t("reset.create")}
            </Button>
          </>
        )
      }
    >
      {create.error ? <ErrorNote error={create.error} /> : null}
      {create.data ? (
        <>
          <CopyField label={t("reset.link")} value={create.data.url} />
          <p className="mt-2 text-muted">
            {t("reset.until", { time: format.relativeTime(create.data.expiresAt, new Date()) })}
          </p>
        </>
      ) : null}
    </Dialog>
  );
}
