"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { PackagePlus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Dialog } from "@/app/_ui/Dialog";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { useFigures } from "../runs/useFigures";
import { Additions } from "./Additions";

const refetchMs = 1_500;

/** Adds a model that lies ready on the server. */
export function AddModel({ projectId }: { projectId: string }) {
  const t = useTranslations("models.add");
  const { bytes } = useFigures();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const incoming = useQuery(
    trpc.models.incoming.queryOptions({ projectId }, { enabled: open, staleTime: 0, refetchInterval: refetchMs }),
  );
  const listKey = trpc.models.list.queryKey();
  const finished = incoming.data?.additions.filter((a) => a.state === "finished").length ?? 0;
  useEffect(() => {
    if (finished > 0) void queries.invalidateQueries({ queryKey: listKey });
  }, [finished, queries, listKey]);
  const add = useMutation(
    trpc.models.add.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.models.incoming.queryKey() }),
    }),
  );
  const { data } = incoming;
  return (
    <>
      <Button icon={<PackagePlus aria-hidden className="size-4" />} onClick={() => setOpen(true)}>
        {t("open")}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t("title")} description={t("lead")} size="lg">
        <div className="grid gap-4">
          {incoming.isPending ? <SkeletonRows rows={2} /> : null}
          {incoming.isError ? <ErrorNote error={incoming.error} onRetry={() => incoming.refetch()} /> : null}
          {add.error ? <ErrorNote error={add.error} /> : null}
          {data ? (
            <>
              <p className="text-[13px] text-muted">
                {t("where")} <code className="break-all text-ink">{data.folder}</code>
              </p>
              {data.entries.length === 0 ? (
                <p>{t("nothing")}</p>
              ) : (
                <ul className="divide-y divide-line rounded-md border border-line">
                  {data.entries.map((entry) => (
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
              <Additions additions={data.additions} workerOnline={data.workerOnline} />
              <p className="text-[13px] text-muted">{t("hub")}</p>
            </>
          ) : null}
        </div>
      </Dialog>
    </>
  );
}
