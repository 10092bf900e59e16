"use client";
import { useQuery } from "@tanstack/react-query";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { Tabs } from "@/app/_ui/Tabs";
import { GuidelinesEditor } from "./GuidelinesEditor";
import { PracticeTab } from "./PracticeTab";
import { ReadersTab } from "./ReadersTab";
import { VersionsTab } from "./VersionsTab";

const tabs = ["write", "versions", "readers", "practice"] as const;
type Tab = (typeof tabs)[number];

/** What people are told about judging: the guidelines and their versions, who has read them, and practice. */
export function GuidelinesPage({ projectId }: { projectId: string }) {
  const t = useTranslations("guidelines");
  const trpc = useTRPC();
  const router = useRouter();
  const path = usePathname();
  const search = useSearchParams();
  const tab = tabs.find((name) => name === search.get("tab")) ?? "write";
  const go = (next: Tab) => router.replace(next === "write" ? path : `${path}?tab=${next}`, { scroll: false });
  const project = useQuery(trpc.projects.get.queryOptions({ projectId }));
  const current = useQuery(trpc.guidelines.current.queryOptions({ projectId }));
  const error = project.error ?? current.error;
  const content = (): Record<Tab, ReactNode> | null => {
    if (!project.data || !current.data) return null;
    const { guidelines } = current.data;
    return {
      write: (
        <GuidelinesEditor
          key={guidelines?.version ?? 0}
          projectId={projectId}
          rules={project.data}
          published={guidelines}
        />
      ),
      versions: <VersionsTab projectId={projectId} onWrite={() => go("write")} />,
      readers: <ReadersTab projectId={projectId} />,
      practice: <PracticeTab projectId={projectId} rules={project.data} fromItem={search.get("item")} />,
    };
  };
  const contents = content();
  return (
    <Page>
      <PageHeader title={t("title")} description={t("lead")} />
      {contents ? (
        <Tabs
          label={t("title")}
          value={tab}
          onChange={go}
          tabs={tabs.map((value) => ({
            value,
            label: t(`tabs.${value}`),
            content: value === tab ? contents[value] : null,
          }))}
        />
      ) : error ? (
        <ErrorNote error={error} onRetry={() => void Promise.all([project.refetch(), current.refetch()])} />
      ) : (
        <div className="flex flex-col gap-4">
          <Skeleton className="h-10 rounded-md" />
          <Skeleton className="h-96 rounded-md" />
        </div>
      )}
    </Page>
  );
}
