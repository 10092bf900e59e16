"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Dialog } from "@/app/_ui/Dialog";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Textarea } from "@/app/_ui/Textarea";
import { useToast } from "@/app/_ui/Toast";
import { longestChange, type ReferencePair } from "@/server/domain/reference";

interface Props {
  open: boolean;
  onClose: () => void;
  publication: {
    readonly projectId: string;
    readonly text: string;
    readonly examples: ReferencePair[];
    readonly base: number;
  };
}

/** Asks what is new and says what publishing does: everybody reads it before they go on. */
export function PublishDialog({ open, onClose, publication }: Props) {
  const t = useTranslations("guidelines.publish");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const [change, setChange] = useState("");
  const publish = useMutation(
    trpc.guidelines.publish.mutationOptions({
      onSuccess: async ({ version }) => {
        onClose();
        setChange("");
        toast.show({ title: t("done", { version }) });
        await queries.invalidateQueries(trpc.guidelines.pathFilter());
      },
    }),
  );
  const first = publication.base === 0;
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => next || onClose()}
      title={t("title", { version: publication.base + 1 })}
      description={t(first ? "firstLead" : "lead")}
      footer={
        <>
          <Button onClick={onClose}>{common("cancel")}</Button>
          <Button
            variant="primary"
            pending={publish.isPending}
            onClick={() => publish.mutate({ ...publication, change })}
          >
            {t("action")}
          </Button>
        </>
      }
    >
      {first ? null : (
        <Field label={t("change")} optional={common("optional")} hint={t("changeHint")}>
          <Textarea
            rows={3}
            maxLength={longestChange}
            value={change}
            onChange={(event) => setChange(event.target.value)}
          />
        </Field>
      )}
      {publish.error ? <ErrorNote error={publish.error} className="mt-3" /> : null}
    </Dialog>
  );
}
