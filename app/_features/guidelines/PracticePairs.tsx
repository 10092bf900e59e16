"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, GraduationCap, Pencil, Plus, Trash2 } from "lucide-react";
import { usePathname, useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Badge } from "@/app/_ui/Badge";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ConfirmDialog } from "@/app/_ui/ConfirmDialog";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { IconButton } from "@/app/_ui/IconButton";
import { verdictWord } from "../annotate/verdicts";
import type { PracticePairRow } from "./guidelineTypes";
import { type Editing, PracticePairDialog } from "./PracticePairDialog";
import { PracticeTally } from "./PracticeResults";

interface Props {
  projectId: string;
  rules: { readonly verdictSteps: number; readonly allowBothBad: boolean };
  pairs: readonly PracticePairRow[];
  fromItem: string | null;
}

/** The pairs in the order in which newcomers get them. */
export function PracticePairs({ projectId, rules, pairs, fromItem }: Props) {
  const t = useTranslations("guidelines.pairs");
  const words = useTranslations("annotate.words");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const path = usePathname();
  const [editing, setEditing] = useState<Editing | null>(fromItem === null ? null : { itemId: fromItem });
  const [removing, setRemoving] = useState<PracticePairRow | null>(null);
  const refresh = () => queries.invalidateQueries(trpc.practice.list.queryFilter({ projectId }));
  const shift = useMutation(trpc.practice.shift.mutationOptions({ onSuccess: refresh }));
  const remove = useMutation(
    trpc.practice.remove.mutationOptions({
      onSuccess: async () => {
        await refresh();
        setRemoving(null);
      },
    }),
  );
  const close = () => {
    setEditing(null);
    if (fromItem !== null) router.replace(`${path}?tab=practice`, { scroll: false });
  };
  const add = (
    <Button icon={<Plus aria-hidden className="size-4" />} onClick={() => setEditing({ itemId: null })}>
      {t("add")}
    </Button>
  );
  const excerpt = ({ pair }: PracticePairRow) =>
    (pair.prompt.findLast(({ role }) => role === "user") ?? pair.prompt.at(-1))?.content.slice(0, 300) ?? "";
  return (
    <Card flush title={t("title")} description={t("lead")} actions={pairs.length > 0 ? add : undefined}>
      {pairs.length === 0 ? (
        <div className="p-4">
          <EmptyState icon={<GraduationCap />} title={t("empty")} action={add}>
            {t("emptyText")}
          </EmptyState>
        </div>
      ) : (
        <ol>
          {pairs.map((row, at) => (
            <li
              key={row.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0 sm:px-5"
            >
              <div className="min-w-0 flex-1 basis-64">
                <p dir="auto" className="line-clamp-2 break-words">
                  {excerpt(row)}
                </p>
                <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-[13px] text-muted">
                  <span className="font-medium text-ink">
                    {words(verdictWord(row.pair.bothBad ? "bad" : (row.pair.verdict ?? 0)))}
                  </span>
                  {row.asked ? null : <Badge tone="warn">{t("notAsked")}</Badge>}
                  <PracticeTally results={row.results} />
                </p>
              </div>
              <span className="flex">
                <IconButton
                  label={t("up", { number: at + 1 })}
                  disabled={at === 0 || shift.isPending}
                  icon={<ArrowUp aria-hidden className="size-4" />}
                  onClick={() => shift.mutate({ projectId, pairId: row.id, by: -1 })}
                />
                <IconButton
                  label={t("down", { number: at + 1 })}
                  disabled={at === pairs.length - 1 || shift.isPending}
                  icon={<ArrowDown aria-hidden className="size-4" />}
                  onClick={() => shift.mutate({ projectId, pairId: row.id, by: 1 })}
                />
                <IconButton
                  label={t("edit", { number: at + 1 })}
                  icon={<Pencil aria-hidden className="size-4" />}
                  onClick={() => setEditing({ row })}
                />
                <IconButton
                  label={t("remove", { number: at + 1 })}
                  icon={<Trash2 aria-hidden className="size-4" />}
                  onClick={() => {
                    remove.reset();
                    setRemoving(row);
                  }}
                />
              </span>
            </li>
          ))}
        </ol>
      )}
      {shift.error ? <ErrorNote error={shift.error} className="m-4" /> : null}
      <PracticePairDialog projectId={projectId} rules={rules} editing={editing} onClose={close} />
      <ConfirmDialog
        open={removing !== null}
        onOpenChange={(open) => open || setRemoving(null)}
        title={t("removeTitle")}
        confirmLabel={t("removeAction")}
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => removing && remove.mutate({ projectId, pairId: removing.id })}
      >
        {t("removeText", { count: removing ? Object.values(removing.results).reduce((sum, n) => sum + n, 0) : 0 })}
      </ConfirmDialog>
    </Card>
  );
}
