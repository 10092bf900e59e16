"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { NextStepsCard } from "./NextStepsCard";
import { nextSteps } from "./nextSteps";
import { OverviewStats } from "./OverviewStats";
import { VotesChart } from "./VotesChart";

export function OverviewPage({ projectId }: { projectId: string }) {
  const t = useTranslations("overview");
  const demo = useTranslations("demo.disclosure");
  const trpc = useTRPC();
  const project = useQuery(trpc.projects.get.queryOptions({ projectId }));
  const overview = useQuery(trpc.projects.overview.queryOptions({ projectId }, { refetchInterval: 30_000 }));
  return (
    <Page>
      <PageHeader
        title={project.data?.name ?? <Skeleton className="h-7 w-56" />}
        description={project.data?.description || undefined}
        actions={<ButtonLink href={`/projects/${projectId}/compare`}>{t("compare")}</ButtonLink>}
      />
      {project.data?.disclosure ? (
        <p className="mb-4 rounded-md border border-line bg-sunken p-3 text-[13px] text-muted">
          {demo(project.data.disclosure)}
        </p>
      ) : null}
      {overview.data && project.data ? (
        <div className="flex flex-col gap-4">
          <NextStepsCard
            projectId={projectId}
            steps={nextSteps(overview.data, { demo: project.data.disclosure !== null })}
          />
          <OverviewStats overview={overview.data} />
          <VotesChart days={overview.data.votesPerDay} />
        </div>
      ) : overview.error ? (
        <ErrorNote error={overview.error} onRetry={() => overview.refetch()} />
      ) : (
        <div className="flex flex-col gap-4">
          <Skeleton className="h-72 rounded-md" />
          <div className="grid grid-cols-2 gap-4 lg:grid-cols-4">
            <Skeleton className="h-32 rounded-md" />
            <Skeleton className="h-32 rounded-md" />
            <Skeleton className="h-32 rounded-md" />
            <Skeleton className="h-32 rounded-md" />
          </div>
          <Skeleton className="h-72 rounded-md" />
        </div>
      )}
    </Page>
  );
}
