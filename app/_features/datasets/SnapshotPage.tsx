"use client";
import { useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useFormatter, useTranslations } from "next-intl";
import { RuleLabelsNote } from "@/app/_features/demo/RuleLabels";
import { useTRPC } from "@/app/_trpc/client";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { CopyField } from "@/app/_ui/CopyField";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { Skeleton } from "@/app/_ui/Skeleton";
import { Stat } from "@/app/_ui/Stat";
import type { SnapshotRow } from "./datasetTypes";
import { Exclusions } from "./Exclusions";
import { SnapshotDiff } from "./SnapshotDiff";
import { SnapshotDownloads } from "./SnapshotDownloads";
import { SnapshotRows } from "./SnapshotRows";
import { SnapshotRule } from "./SnapshotRule";
import { SnapshotRuns } from "./SnapshotRuns";

export function SnapshotPage({ projectId, snapshotId }: { projectId: string; snapshotId: string }) {
  const t = useTranslations("datasets");
  const trpc = useTRPC();
  const list = useQuery(trpc.datasets.list.queryOptions({ projectId }));
  const snapshot = list.data?.snapshots.find(({ id }) => id === snapshotId);
  return (
    <Page wide>
      <PageHeader
        back={{ href: `/projects/${projectId}/datasets`, label: t("detail.back") }}
        title={snapshot ? t("number", { number: snapshot.number }) : t("column.snapshot")}
        description={snapshot?.note || undefined}
        actions={
          snapshot ? (
            <ButtonLink
              variant="primary"
              href={`/projects/${projectId}/runs/new?snapshot=${snapshot.id}`}
              icon={<Play aria-hidden className="size-4" />}
            >
              {t("detail.train")}
            </ButtonLink>
          ) : null
        }
      />
      {snapshot ? (
        <SnapshotView projectId={projectId} snapshot={snapshot} all={list.data?.snapshots ?? []} />
      ) : list.isError ? (
        <ErrorNote error={list.error} onRetry={() => list.refetch()} />
      ) : list.isPending ? (
        <div className="flex flex-col gap-4">
          <Skeleton className="h-24" />
          <Skeleton className="h-48" />
          <Skeleton className="h-80" />
        </div>
      ) : (
        <p role="alert">{t("detail.notFound")}</p>
      )}
    </Page>
  );
}

interface ViewProps {
  projectId: string;
  snapshot: SnapshotRow;
  /** Of the project, newest first. */
  all: readonly SnapshotRow[];
}

function SnapshotView({ projectId, snapshot, all }: ViewProps) {
  const t = useTranslations("datasets");
  const format = useFormatter();
  const { trainPairs, testPairs, prompts, judgements } = snapshot;
  const responses = snapshot.trainResponses + snapshot.testResponses;
  const stats = { train: trainPairs, test: testPairs, prompts, judgements, responses };
  const shown = (["train", "test", "prompts", "judgements", "responses"] as const).filter(
    (key) => key !== "responses" || responses > 0,
  );
  return (
    <div className="flex flex-col gap-4">
      <RuleLabelsNote {...snapshot} />
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {shown.map((key) => (
          <Stat key={key} label={t(`preview.${key}`)} value={format.number(stats[key])} />
        ))}
      </dl>
      <div className="grid gap-4 lg:grid-cols-2">
        <Card title={t("detail.rule")}>
          <SnapshotRule rule={snapshot.rule} />
        </Card>
        <Card title={t("exclusions.title")}>
          <Exclusions excluded={snapshot.excluded} pairs={trainPairs + testPairs} />
        </Card>
        <SnapshotRuns projectId={projectId} snapshotId={snapshot.id} />
        <Card title={t("detail.hash")} description={t("detail.hashHint")}>
          <CopyField label={t("detail.copyHash")} value={snapshot.contentHash} />
          <p className="mt-3 text-muted">
            {t("detail.made")} <RelativeTime date={snapshot.createdAt} />
          </p>
        </Card>
      </div>
      <SnapshotDiff projectId={projectId} snapshot={snapshot} others={all.filter(({ id }) => id !== snapshot.id)} />
      <SnapshotDownloads projectId={projectId} snapshot={snapshot} />
      <SnapshotRows projectId={projectId} snapshot={snapshot} />
    </div>
  );
}
