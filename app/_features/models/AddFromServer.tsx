"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { useFigures } from "../runs/useFigures";
import type { IncomingModels } from "./modelTypes";

/** Adds a model that lies ready on the server. */
export function AddFromServer({ projectId, incoming }: { projectId: string; incoming: IncomingModels }) {
  const t = useTranslations("models.add");
  const { bytes } = useFigures();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const add = useMutation(
    trpc.models.add.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.models.incoming.queryKey() }),
    }),
  );
  const { folder, entries } = incoming;
  return (
    <div className="grid gap-4">
      <p className="text-[13px] text-muted">
        {t("where")} <code className="break-all text-ink">{folder}</code>
      </p>
      {add.error ? <ErrorNote error={add.error} /> : null}
      {entries.length === 0 ? (
        <p>{t("nothing")}</p>
      ) : (
        <ul className="divide-y divide-line rounded-md border border-line">
          {entries.map((entry) => (
            <li key={entry.name} className="flex flex-wrap items-center justify-between gap-3 px-3 py-2">
              <span className="min-w-0 flex-1 break-words">
                {entry.name} <span className="tabular text-muted">{bytes(entry.bytes)}</span>
              </span>
              <Button
                size="sm"
                aria-label={t("addLabel", { name: entry.name })}
                pending={add.isPending && add.variables.entry === entry.name}
                onClick={() => add.mutate({ projectId, entry: entry.name })}
              >
                {t("add")}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
