"use client";
import { useQuery } from "@tanstack/react-query";
import { Layers } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { Playground } from "./Playground";

interface Props {
  projectId: string;
  /** Models that the address asks for. */
  wantedModel: string | null;
  wantedReward: string | null;
}

export function PlaygroundPage({ projectId, wantedModel, wantedReward }: Props) {
  const t = useTranslations("playground");
  const trpc = useTRPC();
  const models = useQuery(trpc.models.list.queryOptions({ projectId }));
  return (
    <Page wide>
      <PageHeader
        title={t("title")}
        description={t("lead")}
        actions={
          <ButtonLink href={`/projects/${projectId}/playground/pairs`} icon={<Layers aria-hidden className="size-4" />}>
            {t("generatePairs")}
          </ButtonLink>
        }
      />
      {models.data ? (
        <Playground
          projectId={projectId}
          models={models.data.models}
          wantedModel={wantedModel}
          wantedReward={wantedReward}
        />
      ) : models.isError ? (
        <ErrorNote error={models.error} onRetry={() => models.refetch()} />
      ) : (
        <Card>
          <div className="grid gap-4">
            <Skeleton className="h-28" />
            <Skeleton className="h-9" />
            <Skeleton className="h-11" />
          </div>
        </Card>
      )}
    </Page>
  );
}
