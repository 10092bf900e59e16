"use client";
import { MessagesSquare, SendHorizontal, Square } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/app/_ui/Button";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Kbd } from "@/app/_ui/Kbd";
import { Select } from "@/app/_ui/Select";
import { Textarea } from "@/app/_ui/Textarea";
import type { ModelRow } from "../models/modelTypes";
import { AfterAnswers } from "./AfterAnswers";
import { Answers } from "./Answers";
import { defaultChoice } from "./defaultChoice";
import { ModelColumns } from "./ModelColumns";
import { SamplingFields } from "./SamplingFields";
import { parseSampling, usualSampling } from "./samplingForm";
import { useGeneration } from "./useGeneration";
import { WorkerNote } from "./WorkerNote";

interface Props {
  projectId: string;
  models: readonly ModelRow[];
  wantedModel: string | null;
  wantedReward: string | null;
}

/** Stands for "no model" in a select. */
const nobody = "";

export function Playground({ projectId, models, wantedModel, wantedReward }: Props) {
  const t = useTranslations("playground");
  const [chosen, setChosen] = useState<{ models?: readonly string[]; reward?: string }>({});
  // What nobody chose follows the list: a page that opens right after a run may still hold the list from before it.
  const usual = defaultChoice(models, wantedModel, wantedReward);
  const answering = chosen.models ?? [usual.first, usual.second].filter((id) => id !== null);
  const reward = chosen.reward ?? usual.reward ?? nobody;
  const [prompt, setPrompt] = useState("");
  const [typed, setTyped] = useState(usualSampling);
  const [problem, setProblem] = useState<string | null>(null);
  const generation = useGeneration(projectId);
  const policies = models.filter((m) => m.kind === "policy");
  const rewards = models.filter((m) => m.kind === "reward").map((m) => ({ value: m.id, label: m.name }));
  const busy = generation.running || generation.asking;

  function ask(event?: FormEvent) {
    event?.preventDefault();
    if (busy || answering.length === 0) return;
    const parsed = parseSampling(typed);
    const wrong = prompt.trim() === "" ? t("enterPrompt") : "wrong" in parsed ? t("fixSampling") : null;
    setProblem(wrong);
    if (wrong !== null || "wrong" in parsed) return;
    generation.ask({
      prompt,
      modelIds: answering,
      rewardModelId: reward === nobody ? null : reward,
      sampling: parsed.sampling,
    });
  }

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <WorkerNote projectId={projectId} />
      <Card>
        <form onSubmit={ask} className="grid grid-cols-[minmax(0,1fr)] gap-4" noValidate>
          <Field
            label={t("prompt")}
            hint={t.rich("promptHelp", { keys: () => <Kbd>Ctrl/⌘ Enter</Kbd> })}
            error={problem ?? undefined}
          >
            <Textarea
              rows={4}
              value={prompt}
              maxLength={20_000}
              placeholder={t("promptPlaceholder")}
              onChange={(event) => {
                setPrompt(event.target.value);
                setProblem(null);
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
                  event.preventDefault();
                  ask();
                }
              }}
            />
          </Field>
          <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
            <ModelColumns
              policies={policies}
              chosen={answering}
              onChange={(next) => setChosen({ ...chosen, models: next })}
            />
            <Field label={t("rewardModel")} hint={rewards.length === 0 ? t("noRewardYet") : undefined}>
              <Select
                value={reward}
                onChange={(reward) => setChosen({ ...chosen, reward })}
                items={[{ value: nobody, label: t("noReward") }, ...rewards]}
              />
            </Field>
          </div>
          <SamplingFields text={typed} onChange={setTyped} />
          <div>
            {generation.running ? (
              <Button onClick={generation.stop} icon={<Square aria-hidden className="size-4" />}>
                {t("stop")}
              </Button>
            ) : (
              <Button
                type="submit"
                variant="primary"
                pending={generation.asking}
                icon={<SendHorizontal aria-hidden className="size-4" />}
              >
                {t("ask")}
              </Button>
            )}
          </div>
        </form>
      </Card>
      {generation.error ? <ErrorNote error={generation.error} onRetry={generation.reconnect} /> : null}
      {generation.question ? (
        <>
          <Answers question={generation.question} generation={generation} models={models} />
          <AfterAnswers projectId={projectId} generation={generation} models={models} />
        </>
      ) : policies.length < 2 ? (
        <EmptyState
          icon={<MessagesSquare />}
          title={t("emptyTitle")}
          action={<ButtonLink href={`/projects/${projectId}/runs/new`}>{t("newRun")}</ButtonLink>}
        >
          {t("noTuned")}
        </EmptyState>
      ) : (
        <EmptyState icon={<MessagesSquare />} title={t("emptyTitle")}>
          {t("emptyText")}
        </EmptyState>
      )}
    </div>
  );
}
