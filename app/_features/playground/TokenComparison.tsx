"use client";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { FailureNote } from "@/app/_ui/FailureNote";
import { Field } from "@/app/_ui/Field";
import { Select } from "@/app/_ui/Select";
import { Skeleton } from "@/app/_ui/Skeleton";
import { useScoring } from "../scoring/useScoring";
import { TokenStrip } from "./TokenStrip";
import { tokenDifferences } from "./tokenDifferences";

interface NamedModel {
  readonly id: string;
  readonly name: string;
}

interface Props {
  projectId: string;
  generationId: string;
  /** Those whose answers are finished; at least two models were asked. */
  answered: readonly NamedModel[];
  asked: readonly NamedModel[];
}

/** On demand: how likely two models find each token of one answer. */
export function TokenComparison({ projectId, generationId, answered, asked }: Props) {
  const t = useTranslations("playground.tokens");
  const trpc = useTRPC();
  const [first, second] = asked as [NamedModel, NamedModel];
  const [of, setOf] = useState((answered.find(({ id }) => id === second.id) ?? (answered[0] as NamedModel)).id);
  const [tuned, setTuned] = useState(second.id);
  const [base, setBase] = useState(first.id);
  const start = useMutation(trpc.playground.score.mutationOptions());
  const shown = start.data && start.variables ? { ...start.data, by: start.variables.byModelIds } : null;
  const options = (models: readonly NamedModel[]) => models.map(({ id, name }) => ({ value: id, label: name }));
  const nameOf = (id: string | undefined) => asked.find((m) => m.id === id)?.name ?? "";
  return (
    <Card title={t("title")} description={t("lead")}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <div className="grid items-end gap-4 sm:grid-cols-3 lg:grid-cols-[1fr_1fr_1fr_auto]">
          <Field label={t("answer")}>
            <Select value={of} onChange={setOf} items={options(answered)} />
          </Field>
          <Field label={t("tuned")}>
            <Select value={tuned} onChange={setTuned} items={options(asked)} />
          </Field>
          <Field label={t("base")}>
            <Select value={base} onChange={setBase} items={options(asked)} />
          </Field>
          <div>
            <Button
              pending={start.isPending}
              disabled={tuned === base}
              onClick={() => start.mutate({ projectId, generationId, modelId: of, byModelIds: [base, tuned] })}
            >
              {t("show")}
            </Button>
          </div>
        </div>
        {start.isError ? <ErrorNote error={start.error} /> : null}
        {shown ? (
          <Scored
            key={shown.scoringId}
            {...{ projectId, scoringId: shown.scoringId }}
            base={{ id: shown.by[0] as string, name: nameOf(shown.by[0]) }}
            tuned={{ id: shown.by[1] as string, name: nameOf(shown.by[1]) }}
          />
        ) : null}
      </div>
    </Card>
  );
}

function Scored(props: { projectId: string; scoringId: string; base: NamedModel; tuned: NamedModel }) {
  const t = useTranslations("playground.tokens");
  const { result, failure, dropped, error, retry } = useScoring(props.projectId, props.scoringId);
  const { base, tuned } = props;
  if (failure !== null) return <FailureNote title={t("failed")}>{failure}</FailureNote>;
  if (dropped) return <p role="status">{t("dropped")}</p>;
  if (error) return <ErrorNote error={error} onRetry={retry} />;
  const tokens = result?.[0]?.tokens;
  if (!tokens)
    return (
      <div role="status">
        <span className="sr-only">{t("waiting")}</span>
        <Skeleton className="h-24" />
      </div>
    );
  const differences = tokenDifferences(tokens[base.id] ?? [], tokens[tuned.id] ?? []);
  if (!differences?.length) return <p role="status">{t("otherTokens")}</p>;
  return <TokenStrip tokens={differences} base={base.name} tuned={tuned.name} />;
}
