"use client";
import { useQuery } from "@tanstack/react-query";
import { Database, Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { NewSnapshotDialog } from "./NewSnapshotDialog";
import { formOf, storedRule } from "./ruleForm";
import { SnapshotsTable } from "./SnapshotsTable";

export function DatasetsPage({ projectId }: { projectId: string }) {
  const t = useTranslations("datasets");
  const trpc = useTRPC();
  const [making, setMaking] = useState(false);
  const list = useQuery(trpc.datasets.list.queryOptions({ projectId }));
  const snapshots = list.data?.snapshots;
  const newest = snapshots?.reduce((x, y) => (y.number > x.number ? y : x), snapshots[0] as (typeof snapshots)[number]);
  const newestRule = newest ? storedRule(newest.rule) : null;
  const button = (label: string) => (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => setMaking(true)}>
      {label}
    </Button>
  );
  return (
    <Page wide>
      <PageHeader
        title={t("title")}
        description={t("lead")}
        actions={snapshots && snapshots.length > 0 ? button(t("new")) : null}
      />
      {snapshots ? (
        snapshots.length === 0 ? (
          <EmptyState icon={<Database />} title={t("empty.title")} action={button(t("empty.action"))}>
            {t("empty.body")}
          </EmptyState>
        ) : (
          <Card flush>
            <SnapshotsTable projectId={projectId} snapshots={snapshots} />
          </Card>
        )
      ) : list.isError ? (
        <ErrorNote error={list.error} onRetry={() => list.refetch()} />
      ) : (
        <Card flush>
          <SkeletonRows rows={4} />
        </Card>
      )}
      <NewSnapshotDialog
        projectId={projectId}
        start={newestRule && formOf(newestRule)}
        open={making}
        onOpenChange={setMaking}
      />
    </Page>
  );
}
