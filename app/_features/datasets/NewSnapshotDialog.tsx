"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Dialog } from "@/app/_ui/Dialog";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Textarea } from "@/app/_ui/Textarea";
import { useToast } from "@/app/_ui/Toast";
import { RuleFields } from "./RuleFields";
import { RulePreview } from "./RulePreview";
import { defaultForm, type RuleForm, readForm } from "./ruleForm";

interface Props {
  projectId: string;
  /** The newest snapshot's rule, where there is one: the next one mostly differs in its votes only. */
  start: RuleForm | null;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function NewSnapshotDialog({ projectId, start, open, onOpenChange }: Props) {
  const t = useTranslations("datasets");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const toast = useToast();
  const [changed, setChanged] = useState<RuleForm | null>(null);
  const [note, setNote] = useState("");
  const form = changed ?? start ?? defaultForm;
  const { rule, wrong } = readForm(form);
  const create = useMutation(
    trpc.datasets.create.mutationOptions({
      onSuccess: async ({ id, number, existed }) => {
        await queries.invalidateQueries({ queryKey: trpc.datasets.pathKey() });
        void queries.invalidateQueries({ queryKey: trpc.projects.pathKey() });
        toast.show({ title: t(existed ? "existed" : "created", { number }) });
        onOpenChange(false);
        setNote("");
        router.push(`/projects/${projectId}/datasets/${id}`);
      },
    }),
  );
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      size="lg"
      title={t("dialog.title")}
      description={t("dialog.description")}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{t("dialog.cancel")}</Button>
          <Button
            variant="primary"
            pending={create.isPending}
            disabled={rule === null}
            onClick={() => rule && create.mutate({ projectId, rule, note })}
          >
            {create.isPending ? t("dialog.creating") : t("dialog.create")}
          </Button>
        </>
      }
    >
      <div className="grid gap-6 md:grid-cols-[minmax(0,1fr)_17rem]">
        <div className="flex flex-col gap-5">
          <RuleFields form={form} wrong={wrong} onChange={setChanged} />
          <Field label={t("dialog.note")} hint={t("dialog.noteHint")}>
            <Textarea rows={2} maxLength={2000} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
          </Field>
        </div>
        <section className="h-fit rounded-md border border-line bg-sunken p-4 max-md:order-first md:sticky md:top-0">
          <h3 className="mb-3 font-semibold">{t("preview.title")}</h3>
          <RulePreview projectId={projectId} rule={rule} />
        </section>
      </div>
      {create.isError ? <ErrorNote error={create.error} className="mt-4" /> : null}
    </Dialog>
  );
}
