"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Scale } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Skeleton } from "@/app/_ui/Skeleton";
import { WorkerNote } from "../playground/WorkerNote";
import type { Formulas } from "./formulas";
import type { Lesson } from "./learnTypes";
import { PairCard } from "./PairCard";
import { SectionCard } from "./SectionCard";
import { Walkthrough } from "./Walkthrough";

interface Props {
  projectId: string;
  formulas: Formulas;
}

export function LearnPage({ projectId, formulas }: Props) {
  const t = useTranslations("learn");
  const trpc = useTRPC();
  const [itemId, setItemId] = useState<string | null>(null);
  const lesson = useQuery(trpc.learn.lesson.queryOptions({ projectId, itemId }, { placeholderData: keepPreviousData }));
  return (
    <Page>
      <PageHeader
        title={t("title")}
        description={t("lead")}
        actions={<ButtonLink href={`/projects/${projectId}/learn/methods`}>{t("methods")}</ButtonLink>}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {lesson.data ? (
          <Lessons projectId={projectId} formulas={formulas} lesson={lesson.data} onPair={setItemId} />
        ) : lesson.isError ? (
          <ErrorNote error={lesson.error} onRetry={() => lesson.refetch()} />
        ) : (
          <Card>
            <div className="grid gap-4">
              <Skeleton className="h-9" />
              <Skeleton className="h-24" />
              <Skeleton className="h-32" />
            </div>
          </Card>
        )}
      </div>
    </Page>
  );
}

interface LessonsProps extends Props {
  lesson: Lesson;
  onPair: (id: string) => void;
}

function Lessons({ projectId, formulas, lesson, onPair }: LessonsProps) {
  const t = useTranslations("learn");
  const [chosen, setChosen] = useState<{ policy?: string; reward?: string }>({});
  const { pair, policies, rewards } = lesson;
  // The newest that was tuned; before there is one, the model that runs start from.
  const usual = policies.find(({ reference }) => reference !== null) ?? policies[0];
  const policy = policies.find(({ id }) => id === chosen.policy) ?? usual;
  const reward = rewards.find(({ id }) => id === chosen.reward) ?? rewards[0] ?? null;
  if (!pair || !policy)
    return (
      <>
        <EmptyState
          icon={<Scale />}
          title={t("emptyTitle")}
          action={<ButtonLink href={`/projects/${projectId}/compare`}>{t("compare")}</ButtonLink>}
        >
          {t("emptyText")}
        </EmptyState>
        <Formulary formulas={formulas}>{t("noPair")}</Formulary>
      </>
    );
  return (
    <>
      <WorkerNote projectId={projectId} />
      <PairCard
        {...{ lesson, pair, policy, reward, onPair }}
        onPolicy={(id) => setChosen({ ...chosen, policy: id })}
        onReward={(id) => setChosen({ ...chosen, reward: id })}
      />
      <Walkthrough {...{ projectId, formulas, pair, policy, reward }} />
    </>
  );
}

/** The objectives without numbers. */
function Formulary({ formulas, children }: { formulas: Formulas; children: ReactNode }) {
  return (
    <>
      <SectionCard section="reward" formulas={formulas}>
        <p>{children}</p>
      </SectionCard>
      <SectionCard section="ppo" formulas={formulas} more={["ppo.clipped"]}>
        <p>{children}</p>
      </SectionCard>
      <SectionCard section="dpo" formulas={formulas}>
        <p>{children}</p>
      </SectionCard>
    </>
  );
}
