"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect, useMemo, useState } from "react";
import { RuleLabelsNote } from "@/app/_features/demo/RuleLabels";
import { useTRPC } from "@/app/_trpc/client";
import { Card } from "@/app/_ui/Card";
import { CopyField } from "@/app/_ui/CopyField";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { isOnline } from "@/trainer/contracts/runConfig";
import { SnapshotRule } from "../datasets/SnapshotRule";
import { HeldOutFigures } from "./HeldOutFigures";
import { RunCardActions } from "./RunCardActions";
import { RunConfigCard } from "./RunConfigCard";
import { RunCurves } from "./RunCurves";
import { RunSamples } from "./RunSamples";
import { RunStateBadge } from "./RunStateBadge";
import { emptyRunView, foldEvents } from "./runEvents";
import { isActive } from "./runTypes";
import { useRunFacts } from "./useRunFacts";

/** A run on one page for whoever gets its link: what it was, what came of it, how it went. Nothing here changes anything. */
export function RunCardPage({ projectId, runId }: { projectId: string; runId: string }) {
  const t = useTranslations("runs");
  const card = useQuery(useTRPC().runs.card.queryOptions({ projectId, runId }));
  const events = card.data?.events;
  const view = useMemo(() => foldEvents(emptyRunView, events ?? []), [events]);
  const factsOf = useRunFacts();
  if (!card.data) {
    return (
      <Page>
        <PageHeader title={t("card.title")} />
        {card.isError ? <ErrorNote error={card.error} onRetry={() => card.refetch()} /> : <Skeleton className="h-96" />}
      </Page>
    );
  }
  const { run, rule } = card.data;
  return (
    <Page>
      <PageHeader
        title={t("name", { kind: t(`kind.${run.kind}`), number: run.snapshotNumber })}
        description={t("head.what", {
          kind: t(`kind.${run.kind}`),
          pairs: view.start?.train.used ?? run.dataset.trainPairs,
          number: run.snapshotNumber,
          model: run.baseModelName ?? "–",
        })}
        actions={<RunCardActions run={run} view={view} />}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <RuleLabelsNote {...run} />
        {isActive(run) ? <p className="text-warn">{t("card.notDone")}</p> : null}
        <Card title={t("card.facts")} actions={<RunStateBadge run={run} />}>
          <dl className="grid gap-x-8 gap-y-3 sm:grid-cols-2">
            {factsOf(run, view).map(([label, value]) => (
              <div key={label} className="min-w-0">
                <dt className="text-[13px] text-muted">{label}</dt>
                <dd className="tabular break-words font-medium">{value}</dd>
              </div>
            ))}
          </dl>
        </Card>
        <HeldOutFigures run={run} />
        <RunCurves run={run} view={view} />
        {view.samples.length > 0 ? (
          <RunSamples samples={view.samples} active={false} drawn={isOnline(run.kind)} />
        ) : null}
        <Card title={t("card.rule")}>
          <SnapshotRule rule={rule} />
        </Card>
        <RunConfigCard run={run} />
        <ShareLink />
      </div>
    </Page>
  );
}

/** The page's own address, known only in the browser. */
function ShareLink() {
  const t = useTranslations("runs.card");
  const [address, setAddress] = useState("");
  useEffect(() => setAddress(window.location.origin + window.location.pathname), []);
  return (
    <div className="print:hidden">
      <Card title={t("link")} description={t("linkHint")}>
        <CopyField label={t("link")} value={address} />
      </Card>
    </div>
  );
}
