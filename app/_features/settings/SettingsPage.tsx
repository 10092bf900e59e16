"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { TokensCard } from "../access/TokensCard";
import { WebhooksCard } from "../access/WebhooksCard";
import { MachineCard } from "../machine/MachineCard";
import { SettingsForm } from "./SettingsForm";

export function SettingsPage({ projectId }: { projectId: string }) {
  const t = useTranslations("settings");
  const trpc = useTRPC();
  const project = useQuery(trpc.projects.get.queryOptions({ projectId }));
  return (
    <Page>
      <PageHeader title={t("title")} description={t("lead")} />
      {project.data ? (
        <div className="flex flex-col gap-4">
          <SettingsForm projectId={projectId} saved={project.data} />
          <div id="tokens" className="scroll-mt-20">
            <TokensCard projectId={projectId} />
          </div>
          <WebhooksCard projectId={projectId} />
          <MachineCard projectId={projectId} />
        </div>
      ) : project.error ? (
        <ErrorNote error={project.error} onRetry={() => project.refetch()} />
      ) : (
        <div className="flex flex-col gap-4">
          <Skeleton className="h-64 rounded-md" />
          <Skeleton className="h-96 rounded-md" />
          <Skeleton className="h-72 rounded-md" />
        </div>
      )}
    </Page>
  );
}
