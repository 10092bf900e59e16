"use client";
import { useFormatter, useTranslations } from "next-intl";
import { cx } from "@/app/_ui/cx";
import { FailureNote } from "@/app/_ui/FailureNote";
import type { ModelRow } from "../models/modelTypes";
import { type Answer, emptyAnswer, type GenerationView, preferred } from "./generationEvents";
import type { Question } from "./useGeneration";

interface Props {
  question: Question;
  generation: { readonly view: GenerationView; readonly running: boolean; readonly stopped: boolean };
  models: readonly ModelRow[];
}

/** Beside each other wherever each keeps a width that reads well. */
const columns: Readonly<Record<number, string>> = {
  2: "sm:grid-cols-2",
  3: "sm:grid-cols-2 lg:grid-cols-3",
  4: "sm:grid-cols-2 xl:grid-cols-4",
};

/** The answers side by side as they are written, then what the reward model says of them. Neither is pushed. */
export function Answers({ question, generation, models }: Props) {
  const t = useTranslations("playground");
  const { view, running, stopped } = generation;
  const nameOf = (id: string) => models.find((m) => m.id === id)?.name ?? id;
  return (
    <section aria-busy={running} className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {view.failure !== null ? <FailureNote title={t("failed")}>{view.failure}</FailureNote> : null}
      <div className={cx("grid grid-cols-[minmax(0,1fr)] gap-4", columns[question.modelIds.length])}>
        {question.modelIds.map((id) => (
          <AnswerCard
            key={id}
            name={nameOf(id)}
            answer={view.answers[id] ?? emptyAnswer}
            running={running}
            stopped={stopped}
            scored={question.rewardModelId !== null}
          />
        ))}
      </div>
      <p role="status" className="max-w-[80ch] empty:hidden">
        <ScoreSentence question={question} view={view} nameOf={nameOf} />
      </p>
    </section>
  );
}

interface CardProps {
  name: string;
  answer: Answer;
  running: boolean;
  stopped: boolean;
  scored: boolean;
}

function AnswerCard({ name, answer, running, stopped, scored }: CardProps) {
  const t = useTranslations("playground");
  const format = useFormatter();
  const { text, end, score } = answer;
  const seconds = end && format.number(end.seconds, { maximumFractionDigits: 1 });
  const state = end
    ? t(end.reason === "length" ? "endedLength" : "endedStop", { tokens: end.tokens, seconds: seconds ?? "" })
    : stopped
      ? t("stopped")
      : running
        ? text === ""
          ? t("waiting")
          : t("writing")
        : null;
  return (
    <article
      aria-label={t("answerOf", { name })}
      className="flex min-h-40 min-w-0 flex-col rounded-md border border-line bg-surface p-4"
    >
      <h2 className="text-[13px] font-medium break-words text-muted">{name}</h2>
      <p className="mt-2 max-w-[72ch] flex-1 text-[15px] leading-6 break-words whitespace-pre-wrap">
        {text.trimStart()}
        {end && text.trim() === "" ? <span className="text-muted">{t("noText")}</span> : null}
      </p>
      <p className="tabular mt-3 flex flex-wrap gap-x-4 text-[13px] text-muted">
        <span>{state}</span>
        {score !== null ? (
          <span className="font-medium text-ink">
            {t("score", { score: format.number(score, { maximumFractionDigits: 2, signDisplay: "exceptZero" }) })}
          </span>
        ) : scored && end && running ? (
          <span>{t("scoring")}</span>
        ) : null}
      </p>
    </article>
  );
}

/** Differences smaller than this are not worth a preference. */
const alikeBelow = 0.05;

function ScoreSentence({
  question,
  view,
  nameOf,
}: {
  question: Question;
  view: GenerationView;
  nameOf: (id: string) => string;
}) {
  const t = useTranslations("playground");
  const format = useFormatter();
  if (question.rewardModelId === null || !view.done) return null;
  if (question.modelIds.length === 1) {
    return view.answers[question.modelIds[0] as string]?.score == null ? null : t("oneScore");
  }
  const best = preferred(view);
  if (!best) return null;
  if (best.difference < alikeBelow) return t("alike");
  return t("prefers", {
    name: nameOf(best.modelId),
    difference: format.number(best.difference, { maximumSignificantDigits: 2 }),
    probability: best.probability,
  });
}
