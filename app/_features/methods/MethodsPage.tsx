"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { Select } from "@/app/_ui/Select";
import { Skeleton } from "@/app/_ui/Skeleton";
import { Methods } from "./Methods";
import { Block } from "./parts";

const ranks = ["1", "2", "4", "8", "16", "32", "64"] as const;
const lengths = ["5", "10", "20", "50", "100"] as const;

/** What can be trained of a model, in pictures with this model's numbers. */
export function MethodsPage({ projectId, wantedModel }: { projectId: string; wantedModel: string | null }) {
  const t = useTranslations("methods");
  const models = useQuery(useTRPC().models.list.queryOptions({ projectId }));
  const [chosen, setChosen] = useState(wantedModel);
  const [rank, setRank] = useState<(typeof ranks)[number]>("16");
  const [tokens, setTokens] = useState<(typeof lengths)[number]>("20");
  const shaped = models.data?.models.filter(({ kind, shape }) => kind === "policy" && shape !== null) ?? [];
  const model = shaped.find(({ id }) => id === chosen) ?? shaped.find(({ starter }) => starter) ?? shaped[0];
  return (
    <Page>
      <PageHeader
        back={{ href: `/projects/${projectId}/learn`, label: t("back") }}
        title={t("title")}
        description={t("lead")}
      />
      {models.isPending ? <Skeleton className="h-96" /> : null}
      {models.isError ? <ErrorNote error={models.error} onRetry={() => models.refetch()} /> : null}
      {models.isSuccess && !model ? <p role="alert">{t("noShape")}</p> : null}
      {model?.shape ? (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
          <Card>
            <div className="grid gap-4 sm:grid-cols-3">
              <Field label={t("model")}>
                <Select
                  value={model.id}
                  onChange={setChosen}
                  items={shaped.map(({ id, name }) => ({ value: id, label: name }))}
                />
              </Field>
              <Field label={t("rank")}>
                <Select value={rank} onChange={setRank} items={ranks.map((value) => ({ value, label: value }))} />
              </Field>
              <Field label={t("tokens")}>
                <Select value={tokens} onChange={setTokens} items={lengths.map((value) => ({ value, label: value }))} />
              </Field>
            </div>
            <ul className="mt-4 flex flex-wrap gap-x-6 gap-y-2 text-[13px] text-muted">
              {([true, false] as const).map((trained) => (
                <li key={String(trained)} className="flex items-center gap-2">
                  <svg aria-hidden viewBox="0 0 26 16" className="h-4 w-[26px]">
                    <Block x={1} y={1} width={24} height={14} trained={trained} />
                  </svg>
                  {t(trained ? "legendTrained" : "legendFrozen")}
                </li>
              ))}
            </ul>
          </Card>
          <Methods shape={model.shape} rank={Number(rank)} tokens={Number(tokens)} />
          <p className="max-w-[80ch] text-[13px] text-muted">{t("shared")}</p>
        </div>
      ) : null}
    </Page>
  );
}
