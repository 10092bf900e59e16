"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Messages } from "@/app/_ui/Messages";
import { Select } from "@/app/_ui/Select";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Textarea } from "@/app/_ui/Textarea";
import { breachOf, type JudgingRules, type Said } from "@/server/domain/judging";
import { newId } from "./newId";
import { VerdictButtons } from "./VerdictButtons";
import { verdictWord } from "./verdicts";

interface Props {
  projectId: string;
  judgementId: string;
  rules: JudgingRules;
  onDone: () => void;
}

/** A vote of one's own with its pair, to be given anew. What was said before stays on record. */
export function ChangeVote({ projectId, judgementId, rules, onDone }: Props) {
  const trpc = useTRPC();
  const vote = useQuery({ ...trpc.annotate.ownVote.queryOptions({ projectId, judgementId }), staleTime: 0 });
  if (vote.isPending) return <SkeletonRows rows={6} />;
  if (vote.isError) return <ErrorNote error={vote.error} onRetry={() => void vote.refetch()} />;
  return <ChangeForm projectId={projectId} vote={vote.data} rules={rules} onDone={onDone} />;
}

interface OwnVote extends Said {
  readonly judgementId: string;
  readonly prompt: Parameters<typeof Messages>[0]["messages"];
  readonly left: Parameters<typeof Messages>[0]["messages"];
  readonly right: Parameters<typeof Messages>[0]["messages"];
  readonly changeableUntil: Date;
}

function ChangeForm({ projectId, vote, rules, onDone }: Omit<Props, "judgementId"> & { vote: OwnVote }) {
  const t = useTranslations("annotate");
  const format = useFormatter();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [said, setSaid] = useState<Said>({
    verdict: vote.verdict,
    bothBad: vote.bothBad,
    reason: vote.reason,
    criteria: vote.criteria,
  });
  const [submissionId] = useState(newId);
  const change = useMutation(
    trpc.annotate.change.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.annotate.history.pathFilter());
        onDone();
      },
    }),
  );
  const kept = { ...said, reason: said.reason?.trim() || null };
  const breach = breachOf(kept, rules);
  return (
    <div className="flex flex-col gap-4">
      <p className="text-muted">
        {t("history.until", {
          until: format.dateTime(vote.changeableUntil, { dateStyle: "medium", timeStyle: "short" }),
        })}
      </p>
      {(["prompt", "left", "right"] as const).map((part) => (
        <details key={part} open={part !== "prompt"} className="rounded-md border border-line bg-surface p-3">
          <summary className="font-medium text-muted pointer-coarse:py-3">{t(part)}</summary>
          <Messages messages={vote[part]} className="mt-2" />
        </details>
      ))}
      {rules.criteria.map((criterion) => (
        <div key={criterion} className="flex flex-col gap-1">
          <p className="font-medium">{criterion}</p>
          <VerdictButtons
            verdictSteps={rules.verdictSteps}
            about={criterion}
            withKeys={false}
            chosen={said.criteria[criterion] ?? null}
            onGive={(verdict) => setSaid({ ...said, criteria: { ...said.criteria, [criterion]: verdict } })}
          />
        </div>
      ))}
      <div className="flex flex-col gap-1">
        <p className="font-medium">
          {t("verdict")}
          {said.verdict === null ? null : (
            <span className="ml-2 font-normal text-muted">{t(`words.${verdictWord(said.verdict)}`)}</span>
          )}
        </p>
        <VerdictButtons
          verdictSteps={rules.verdictSteps}
          withKeys={false}
          chosen={said.verdict}
          onGive={(verdict) => setSaid({ ...said, verdict, bothBad: false })}
        />
        {rules.allowBothBad ? (
          <Button
            aria-pressed={said.bothBad}
            onClick={() => setSaid({ ...said, verdict: null, bothBad: true, criteria: {} })}
            className="self-center aria-pressed:border-accent aria-pressed:bg-accent-soft"
          >
            {t("bothBad")}
          </Button>
        ) : null}
      </div>
      <Field label={t("reason")}>
        {rules.reasonChoices.length > 0 ? (
          <Select
            value={said.reason}
            onChange={(reason) => setSaid({ ...said, reason })}
            items={rules.reasonChoices.map((reason) => ({ value: reason, label: reason }))}
          />
        ) : (
          <Textarea
            rows={2}
            maxLength={10_000}
            value={said.reason ?? ""}
            onChange={(event) => setSaid({ ...said, reason: event.target.value })}
          />
        )}
      </Field>
      {change.error ? <ErrorNote error={change.error} /> : null}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {breach ? <p className="mr-auto text-[13px] text-muted">{t(`history.missing.${breach.field}`)}</p> : null}
        <Button onClick={onDone}>{t("history.back")}</Button>
        <Button
          variant="primary"
          disabled={breach !== null}
          pending={change.isPending}
          onClick={() => change.mutate({ projectId, judgementId: vote.judgementId, submissionId, ...kept })}
        >
          {t("history.save")}
        </Button>
      </div>
    </div>
  );
}
