"use client";
import { useQuery } from "@tanstack/react-query";
import { GraduationCap } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Messages } from "@/app/_ui/Messages";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Progress } from "@/app/_ui/Progress";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { Skeleton } from "@/app/_ui/Skeleton";
import { ItemReports } from "./ItemReports";
import { ItemStateBadge } from "./ItemStateBadge";
import type { ItemDetail } from "./itemTypes";
import { JudgementsTable } from "./JudgementsTable";
import { RetireItem } from "./RetireItem";

export function ItemPage({ projectId, itemId }: { projectId: string; itemId: string }) {
  const t = useTranslations("items.detail");
  const trpc = useTRPC();
  const query = useQuery(trpc.items.get.queryOptions({ projectId, itemId }));
  const project = useQuery(trpc.projects.get.queryOptions({ projectId }));
  const item = query.data;
  return (
    <Page wide>
      <PageHeader
        back={{ href: `/projects/${projectId}/items`, label: t("back") }}
        title={
          <span className="flex flex-wrap items-center gap-3">
            {t("title")} {item?.retiredAt ? <ItemStateBadge state="retired" /> : null}
          </span>
        }
        description={item?.retiredAt ? t("retiredNote") : undefined}
        actions={
          item ? (
            <>
              <ButtonLink
                href={`/projects/${projectId}/guidelines?tab=practice&item=${itemId}`}
                icon={<GraduationCap aria-hidden className="size-4" />}
              >
                {t("practise")}
              </ButtonLink>
              <RetireItem projectId={projectId} itemId={itemId} retired={item.retiredAt !== null} votes={item.votes} />
            </>
          ) : null
        }
      />
      {item ? (
        <ItemView projectId={projectId} item={item} overlap={project.data?.overlap ?? null} />
      ) : query.isError ? (
        <ErrorNote error={query.error} onRetry={() => query.refetch()} />
      ) : (
        <div className="flex flex-col gap-4">
          <Skeleton className="h-28" />
          <div className="grid gap-4 md:grid-cols-2">
            <Skeleton className="h-64" />
            <Skeleton className="h-64" />
          </div>
          <Skeleton className="h-40" />
        </div>
      )}
    </Page>
  );
}

interface ViewProps {
  projectId: string;
  item: ItemDetail;
  overlap: number | null;
}

function ItemView({ projectId, item, overlap }: ViewProps) {
  const t = useTranslations("items");
  const { votes } = item;
  return (
    <div className="flex flex-col gap-4">
      <Card title={t("detail.prompt")}>
        <Messages messages={item.prompt} />
      </Card>
      <div className="grid gap-4 md:grid-cols-2">
        {([item.a, item.b] as const).map((answer, index) => (
          <Card
            key={index === 0 ? "a" : "b"}
            title={t(index === 0 ? "detail.answerA" : "detail.answerB")}
            description={
              answer.sourceModel === null
                ? t("detail.noSourceModel")
                : t("detail.sourceModel", { model: answer.sourceModel })
            }
          >
            <Messages messages={answer.messages} />
          </Card>
        ))}
      </div>
      {item.a.sourceModel === null && item.b.sourceModel === null ? null : (
        <p className="-mt-2 text-[13px] text-muted">{t("detail.sourceModelHint")}</p>
      )}
      <Card
        flush
        title={t("judgements.title")}
        description={t("judgements.lead")}
        actions={
          <span className="tabular flex items-center gap-2 text-muted">
            {overlap === null ? (
              t("detail.votesOnly", { votes })
            ) : (
              <>
                <Progress value={votes} max={overlap} label={t("votesLabel", { votes, overlap })} className="w-16" />
                {t("detail.votes", { votes, overlap })}
              </>
            )}
          </span>
        }
      >
        {item.judgements.length === 0 ? (
          <p className="px-4 py-6 text-muted sm:px-5">{t("judgements.empty")}</p>
        ) : (
          <JudgementsTable judgements={item.judgements} />
        )}
      </Card>
      <ItemReports projectId={projectId} item={item} />
      <Card title={t("detail.facts")}>
        <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[max-content_1fr]">
          <Fact term={t("detail.id")} value={<code className="font-mono text-[13px]">{item.id}</code>} />
          {item.externalId === null ? null : <Fact term={t("detail.externalId")} value={item.externalId} />}
          <Fact term={t("column.added")} value={<RelativeTime date={item.createdAt} />} />
          {Object.keys(item.meta).length === 0 ? null : (
            <Fact
              term={t("detail.meta")}
              value={
                <pre className="max-h-72 overflow-auto rounded-md bg-sunken p-3 font-mono text-[13px] whitespace-pre-wrap">
                  {JSON.stringify(item.meta, null, 2)}
                </pre>
              }
            />
          )}
        </dl>
      </Card>
    </div>
  );
}

function Fact({ term, value }: { term: string; value: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{term}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere] max-sm:mb-2">{value}</dd>
    </>
  );
}
