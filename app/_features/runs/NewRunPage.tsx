"use client";
import { useQuery } from "@tanstack/react-query";
import { Camera } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { NewRunForm } from "./NewRunForm";

export function NewRunPage({ projectId, wantedSnapshot }: { projectId: string; wantedSnapshot: string | null }) {
  const t = useTranslations("runs");
  const trpc = useTRPC();
  const datasets = useQuery(trpc.datasets.list.queryOptions({ projectId }));
  const snapshots = [...(datasets.data?.snapshots ?? [])].sort((a, b) => b.number - a.number);
  return (
    <Page>
      <PageHeader
        back={{ href: `/projects/${projectId}/runs`, label: t("backToRuns") }}
        title={t("form.title")}
        description={t("form.lead")}
      />
      {datasets.isPending ? (
        <Card>
          <div className="grid gap-4">
            {["h-9", "h-24", "h-24", "h-9"].map((height, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a skeleton's rows never move
              <Skeleton key={row} className={height} />
            ))}
          </div>
        </Card>
      ) : datasets.isError ? (
        <ErrorNote error={datasets.error} onRetry={() => datasets.refetch()} />
      ) : snapshots.length === 0 ? (
        <EmptyState
          icon={<Camera />}
          title={t("list.emptyNoSnapshotTitle")}
          action={
            <ButtonLink href={`/projects/${projectId}/datasets`} variant="primary">
              {t("list.makeSnapshot")}
            </ButtonLink>
          }
        >
          {t("list.emptyNoSnapshotText")}
        </EmptyState>
      ) : (
        <NewRunForm projectId={projectId} snapshots={snapshots} wantedSnapshot={wantedSnapshot} />
      )}
    </Page>
  );
}
