"use client";
import { useQuery } from "@tanstack/react-query";
import { FolderPlus, Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { NewProjectDialog } from "./NewProjectDialog";
import { ProjectCard } from "./ProjectCard";

export function ProjectsPage({ mayCreate }: { mayCreate: boolean }) {
  const t = useTranslations("projects");
  const trpc = useTRPC();
  const list = useQuery(trpc.projects.list.queryOptions());
  const [creating, setCreating] = useState(false);
  const projects = list.data?.projects;
  const create = (
    <Button variant="primary" icon={<Plus aria-hidden className="size-4" />} onClick={() => setCreating(true)}>
      {t("create")}
    </Button>
  );
  return (
    <Page>
      <PageHeader title={t("title")} description={t("lead")} actions={mayCreate && projects?.length ? create : null} />
      {list.error && !projects ? <ErrorNote error={list.error} onRetry={() => list.refetch()} /> : null}
      {!projects && !list.error ? (
        <div className={grid}>
          <Skeleton className="h-44 rounded-md" />
          <Skeleton className="h-44 rounded-md" />
        </div>
      ) : null}
      {projects && projects.length === 0 ? (
        <EmptyState
          icon={<FolderPlus />}
          title={mayCreate ? t("emptyAdminTitle") : t("emptyTitle")}
          action={mayCreate ? create : null}
        >
          {mayCreate ? t("emptyAdminText") : t("emptyText")}
        </EmptyState>
      ) : null}
      {projects && projects.length > 0 ? (
        <ul className={grid}>
          {projects.map((project) => (
            <li key={project.id} className="flex min-w-0">
              <ProjectCard project={project} />
            </li>
          ))}
        </ul>
      ) : null}
      <NewProjectDialog open={creating} onOpenChange={setCreating} />
    </Page>
  );
}

const grid = "grid gap-4 sm:grid-cols-2 xl:grid-cols-3";
