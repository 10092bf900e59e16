"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { ConfirmDialog } from "@/app/_ui/ConfirmDialog";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Skeleton } from "@/app/_ui/Skeleton";
import { useToast } from "@/app/_ui/Toast";
import { useLast } from "@/app/_ui/useLast";
import type { Erasure, Person } from "./peopleTypes";

interface Props {
  projectId: string;
  person: Person | null;
  onClose: () => void;
}

const modes = ["anonymise", "remove"] as const;

/** Says what an erasure does to votes, snapshots and account before it is done. It cannot be undone. */
export function EraseDialog({ projectId, person, onClose }: Props) {
  const t = useTranslations("people.erase");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const shown = useLast(person);
  const [mode, setMode] = useState<(typeof modes)[number]>("anonymise");
  const counts = useQuery(
    trpc.people.erasure.queryOptions({ projectId, userId: person?.userId ?? "" }, { enabled: person !== null }),
  );
  const erase = useMutation(
    trpc.people.erase.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.people.list.queryFilter({ projectId }));
        toast.show({ title: t("done", { name: shown?.name ?? "" }) });
        onClose();
      },
    }),
  );
  return (
    <ConfirmDialog
      open={person !== null}
      onOpenChange={(open) => {
        if (open) return;
        erase.reset();
        setMode("anonymise");
        onClose();
      }}
      title={t("title", { name: shown?.name ?? "" })}
      confirmLabel={t("confirm")}
      pending={erase.isPending || counts.isPending}
      error={erase.error}
      onConfirm={() => person && counts.data && erase.mutate({ projectId, userId: person.userId, mode })}
    >
      {counts.data ? (
        <div className="flex flex-col gap-3">
          <p>{t("what", { votes: counts.data.judgements, comments: counts.data.comments })}</p>
          <fieldset className={counts.data.judgements === 0 ? "hidden" : undefined}>
            <legend className="mb-1 font-medium text-ink">{t("choose")}</legend>
            {modes.map((value) => (
              <label key={value} className="flex items-start gap-2.5 py-1 pointer-coarse:min-h-11">
                <input
                  type="radio"
                  name="mode"
                  checked={mode === value}
                  onChange={() => setMode(value)}
                  className="mt-1 size-4 shrink-0 accent-accent"
                />
                <span>
                  <span className="block text-ink">{t(`modes.${value}.name`)}</span>
                  <span className="block text-[13px]">{t(`modes.${value}.hint`, { votes: counts.data.votes })}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <Snapshots erasure={counts.data} />
          <p>{counts.data.account ? t("accountGoes") : t("accountStays")}</p>
          <p className="font-medium text-ink">{t("final")}</p>
        </div>
      ) : counts.error ? (
        <ErrorNote error={counts.error} onRetry={() => counts.refetch()} />
      ) : (
        <Skeleton className="h-40" />
      )}
    </ConfirmDialog>
  );
}

function Snapshots({ erasure: { snapshots } }: { erasure: Erasure }) {
  const t = useTranslations("people.erase");
  if (snapshots.length === 0) return <p>{t("noSnapshots")}</p>;
  const runs = snapshots.reduce((sum, one) => sum + one.runs, 0);
  return (
    <div>
      <p>{t("snapshots", { count: snapshots.length, runs })}</p>
      <ul className="mt-1 max-h-28 list-disc overflow-y-auto pl-5 text-[13px]">
        {snapshots.map(({ number, pairs }) => (
          <li key={number}>{t("snapshot", { number, pairs })}</li>
        ))}
      </ul>
    </div>
  );
}
