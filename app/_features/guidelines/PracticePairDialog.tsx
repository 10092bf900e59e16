"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Dialog } from "@/app/_ui/Dialog";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Switch } from "@/app/_ui/Switch";
import type { PracticePairRow } from "./guidelineTypes";
import { draftOfPair, emptyPair, type PairDraft, pairOfDraft, problemsOfPair } from "./pairDraft";
import { ReferencePairFields } from "./ReferencePairFields";

/** A pair in use that is changed, one made of an item, or a new one. */
export type Editing = { readonly row: PracticePairRow } | { readonly itemId: string | null };

interface Props {
  projectId: string;
  rules: { readonly verdictSteps: number; readonly allowBothBad: boolean };
  editing: Editing | null;
  onClose: () => void;
}

export function PracticePairDialog({ projectId, rules, editing, onClose }: Props) {
  const t = useTranslations("guidelines.pairs");
  return (
    <Dialog
      open={editing !== null}
      onOpenChange={(open) => open || onClose()}
      size="lg"
      title={t(editing && "row" in editing ? "editTitle" : "addTitle")}
      description={t("dialogLead")}
    >
      {editing === null ? null : "row" in editing ? (
        <Form
          {...{ projectId, rules, onClose }}
          start={draftOfPair(editing.row.pair)}
          replaces={editing.row.id}
          itemId={null}
        />
      ) : editing.itemId === null ? (
        <Form {...{ projectId, rules, onClose }} start={emptyPair()} replaces={null} itemId={null} />
      ) : (
        <FromItem {...{ projectId, rules, onClose }} itemId={editing.itemId} />
      )}
    </Dialog>
  );
}

type FormProps = Omit<Props, "editing"> & { start: PairDraft; replaces: string | null; itemId: string | null };

function FromItem({ itemId, ...rest }: Omit<Props, "editing"> & { itemId: string }) {
  const trpc = useTRPC();
  const item = useQuery(trpc.items.get.queryOptions({ projectId: rest.projectId, itemId }));
  if (item.isPending) return <SkeletonRows rows={6} />;
  if (item.isError) return <ErrorNote error={item.error} onRetry={() => void item.refetch()} />;
  const { prompt, a, b } = item.data;
  const start = { ...emptyPair(), prompt, a: a.messages, b: b.messages };
  return <Form {...rest} start={start} replaces={null} itemId={itemId} />;
}

function Form({ projectId, rules, start, replaces, itemId, onClose }: FormProps) {
  const t = useTranslations("guidelines.pairs");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(start);
  const [checked, setChecked] = useState(false);
  const [retiring, setRetiring] = useState(true);
  const save = useMutation(
    trpc.practice.save.mutationOptions({
      onSuccess: async () => {
        await Promise.all([
          queries.invalidateQueries(trpc.practice.pathFilter()),
          queries.invalidateQueries(trpc.items.pathFilter()),
        ]);
        onClose();
      },
    }),
  );
  const problems = problemsOfPair(draft);
  const submit = () => {
    setChecked(true);
    if (problems.length === 0)
      save.mutate({ projectId, pair: pairOfDraft(draft), itemId, replaces, retire: itemId !== null && retiring });
  };
  return (
    <div className="flex flex-col gap-4">
      <ReferencePairFields draft={draft} rules={rules} problems={checked ? problems : []} onChange={setDraft} />
      {itemId === null ? null : (
        <Switch checked={retiring} onChange={setRetiring} label={t("retire")} hint={t("retireHint")} />
      )}
      {save.error ? <ErrorNote error={save.error} /> : null}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{common("cancel")}</Button>
        <Button variant="primary" pending={save.isPending} onClick={submit}>
          {common("save")}
        </Button>
      </div>
    </div>
  );
}
