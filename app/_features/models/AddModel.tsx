"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { PackagePlus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Dialog } from "@/app/_ui/Dialog";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Tabs } from "@/app/_ui/Tabs";
import { AddFromComputer } from "./AddFromComputer";
import { AddFromHub } from "./AddFromHub";
import { AddFromServer } from "./AddFromServer";
import { Additions } from "./Additions";

const refetchMs = 1_000;

/** Adds a model from elsewhere: from this computer, from the model hub, or from what lies ready on the server. */
export function AddModel({ projectId }: { projectId: string }) {
  const t = useTranslations("models.add");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [tab, setTab] = useState<"upload" | "hub" | "incoming">("upload");
  const incoming = useQuery(
    trpc.models.incoming.queryOptions({ projectId }, { enabled: open, staleTime: 0, refetchInterval: refetchMs }),
  );
  const listKey = trpc.models.list.queryKey();
  const finished = incoming.data?.additions.filter((a) => a.state === "finished").length ?? 0;
  useEffect(() => {
    if (finished > 0) void queries.invalidateQueries({ queryKey: listKey });
  }, [finished, queries, listKey]);
  const { data } = incoming;
  const waiting = incoming.isPending ? <SkeletonRows rows={2} /> : null;
  return (
    <>
      <Button icon={<PackagePlus aria-hidden className="size-4" />} onClick={() => setOpen(true)}>
        {t("open")}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t("title")} description={t("lead")} size="lg">
        <div className="grid gap-5">
          <Tabs
            label={t("sources")}
            value={tab}
            onChange={setTab}
            tabs={[
              { value: "upload", label: t("tab.upload"), content: <AddFromComputer projectId={projectId} /> },
              { value: "hub", label: t("tab.hub"), content: <AddFromHub projectId={projectId} /> },
              {
                value: "incoming",
                label: t("tab.incoming"),
                content: data ? <AddFromServer projectId={projectId} incoming={data} /> : waiting,
              },
            ]}
          />
          {incoming.isError ? <ErrorNote error={incoming.error} onRetry={() => incoming.refetch()} /> : null}
          {data ? (
            <Additions projectId={projectId} additions={data.additions} workerOnline={data.workerOnline} />
          ) : null}
        </div>
      </Dialog>
    </>
  );
}
