"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { EngineTable } from "./EngineTable";

const askAgainMs = 2_000;

/** What this machine has to compute with, and how fast each is: measured by the worker when an admin asks. */
export function MachineCard({ projectId }: { projectId: string }) {
  const t = useTranslations("machine");
  const format = useFormatter();
  const trpc = useTRPC();
  const place = useRef<HTMLDivElement>(null);
  // The card comes after the page, so the browser cannot go to it by itself.
  useEffect(() => {
    if (window.location.hash === "#machine") place.current?.scrollIntoView({ block: "start" });
  }, []);
  const queries = useQueryClient();
  const machine = useQuery(
    trpc.machine.get.queryOptions(
      { projectId },
      { refetchInterval: ({ state }) => (state.data && state.data.state !== "idle" ? askAgainMs : false) },
    ),
  );
  const examine = useMutation(
    trpc.machine.examine.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.machine.pathFilter()),
    }),
  );
  const { state = "idle", report = null, reportedAt = null, error = null } = machine.data ?? {};
  const busy = examine.isPending || state !== "idle";
  const facts = report && {
    cores: report.machine.cores,
    memory: format.number(report.machine.memoryBytes / 2 ** 30, { maximumFractionDigits: 0 }),
    node: report.machine.node,
    platform: report.machine.platform,
  };
  return (
    <div ref={place} id="machine" className="scroll-mt-20">
      <Card
        title={t("title")}
        description={t("lead")}
        flush
        actions={
          machine.data ? (
            <Button
              pending={busy}
              icon={<Gauge aria-hidden className="size-4" />}
              onClick={() => examine.mutate({ projectId })}
            >
              {report ? t("measureAgain") : t("measure")}
            </Button>
          ) : null
        }
      >
        {machine.isPending ? (
          <SkeletonRows rows={2} />
        ) : (
          <div className="flex flex-col gap-1 p-4 sm:px-5" role="status">
            {machine.error ? <ErrorNote error={machine.error} onRetry={() => machine.refetch()} /> : null}
            {examine.error ? <ErrorNote error={examine.error} /> : null}
            {state !== "idle" ? <p>{t(state)}</p> : error ? <p className="text-danger">{t("failed")}</p> : null}
            {state === "idle" && error ? <p className="text-[13px] break-words text-muted">{error}</p> : null}
            {facts && report ? (
              <>
                <p>
                  {report.machine.cpu}: {t("facts", facts)}. {report.machine.gpu.real ? t("gpuYes") : t("gpuNo")}
                </p>
                {reportedAt ? (
                  <p className="text-[13px] text-muted">
                    {t.rich("measured", { when: () => <RelativeTime date={reportedAt} /> })}
                  </p>
                ) : null}
              </>
            ) : state === "idle" && machine.data ? (
              <p className="text-muted">{t("never")}</p>
            ) : null}
          </div>
        )}
        {report ? <EngineTable report={report} /> : null}
      </Card>
    </div>
  );
}
