"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Card } from "@/app/_ui/Card";
import { type Sample, stepsOf } from "./runEvents";
import { useFigures } from "./useFigures";

interface Props {
  samples: readonly Sample[];
  active: boolean;
  /** Drawn at random as in training, not always the likeliest token. */
  drawn: boolean;
}

/** Base and tuned answers to held-out prompts, side by side; a slider goes through the steps they were taken at. */
export function RunSamples({ samples, active, drawn }: Props) {
  const t = useTranslations("runs.samples");
  // Null follows the newest step while the run goes on.
  const [chosen, setChosen] = useState<number | null>(null);
  const steps = stepsOf(samples);
  const newest = steps.length - 1;
  const at = chosen === null ? newest : Math.min(chosen, newest);
  const step = steps[at];
  if (step === undefined) {
    return (
      <Card title={t("title")}>
        <p className="text-muted">{active ? t("none") : t("noneEver")}</p>
      </Card>
    );
  }
  const said = at === newest ? t("newest", { step }) : t("stepOption", { step });
  return (
    <Card
      title={t("title")}
      description={t(drawn ? "drawnText" : "text")}
      actions={
        steps.length > 1 ? (
          <label className="flex min-h-8 items-center gap-2 text-[13px] pointer-coarse:min-h-11">
            <span className="sr-only">{t("step")}</span>
            <input
              type="range"
              min={0}
              max={newest}
              step={1}
              value={at}
              aria-valuetext={said}
              onChange={(event) => {
                const next = Number(event.target.value);
                setChosen(next === newest ? null : next);
              }}
              className="w-36 accent-accent"
            />
            <span className="tabular min-w-28">{said}</span>
          </label>
        ) : (
          <span className="tabular text-[13px] text-muted">{said}</span>
        )
      }
    >
      <ul className="grid gap-6">
        {samples
          .filter((sample) => sample.step === step)
          .map((sample) => (
            <li key={sample.prompt} className="min-w-0">
              <p className="text-[13px] font-medium text-muted">{t("prompt")}</p>
              <p className="mt-0.5 line-clamp-6 max-w-[72ch] whitespace-pre-wrap break-words">{sample.prompt}</p>
              <div className="mt-2 grid grid-cols-[minmax(0,1fr)] gap-3 sm:grid-cols-2">
                <SampleAnswer label={t("base")} text={sample.base} score={sample.scores?.base} />
                <SampleAnswer label={t("tuned")} text={sample.tuned} score={sample.scores?.tuned} />
              </div>
              {sample.base === sample.tuned ? <p className="mt-1 text-[13px] text-muted">{t("same")}</p> : null}
            </li>
          ))}
      </ul>
    </Card>
  );
}

function SampleAnswer({ label, text, score }: { label: string; text: string; score: number | undefined }) {
  const t = useTranslations("runs.samples");
  const { figure } = useFigures();
  return (
    <div className="min-w-0 rounded-md border border-line p-3">
      <p className="flex flex-wrap justify-between gap-x-3 text-[13px] font-medium text-muted">
        {label}
        {score === undefined ? null : <span className="tabular">{t("score", { score: figure(score) })}</span>}
      </p>
      <p className="mt-1 max-w-[72ch] whitespace-pre-wrap break-words leading-6">{text.trim() || t("emptyAnswer")}</p>
    </div>
  );
}
