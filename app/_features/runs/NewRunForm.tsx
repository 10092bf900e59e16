"use client";
import { keepPreviousData, useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Select } from "@/app/_ui/Select";
import { useToast } from "@/app/_ui/Toast";
import { useDebounced } from "@/app/_ui/useDebounced";
import { examplesOf, type PresetName, pairsFor, presetConfig, presetNames } from "@/trainer/contracts/preset";
import { isOnline, type SnapshotRunKind, snapshotRunKinds } from "@/trainer/contracts/runConfig";
import type { Settings } from "@/trainer/contracts/settings";
import { AdapterField } from "./AdapterField";
import { AdvancedFields } from "./AdvancedFields";
import { withAdapterKind } from "./adapterChoices";
import { ChoiceCards } from "./ChoiceCards";
import { LossField } from "./LossField";
import { PreflightCard } from "./PreflightCard";
import { PresetText, PresetTitle } from "./PresetText";
import { RewardField } from "./RewardField";
import { recommendPreset } from "./recommendation";
import { readSettings, type SettingTexts, settingProblems } from "./runForm";
import { useFigures } from "./useFigures";
import { WorkerOfflineNote } from "./WorkerOfflineNote";

interface Snapshot {
  readonly id: string;
  readonly number: number;
  readonly trainPairs: number;
  readonly testPairs: number;
  /** Single responses with a label: KTO alone takes them. */
  readonly trainResponses: number;
}

interface Props {
  projectId: string;
  /** Newest first, at least one. */
  snapshots: readonly Snapshot[];
  wantedSnapshot: string | null;
}

/** The settings that decide what a preset says of the others: the loss has a β of its own, an adapter a learning rate. */
const decisive = (settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([path]) => path === "loss" || path.startsWith("adapter.")));

export function NewRunForm({ projectId, snapshots, wantedSnapshot }: Props) {
  const t = useTranslations("runs.form");
  const toasts = useTranslations("runs.toasts");
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const toast = useToast();
  const { compact } = useFigures();
  const [snapshotId, setSnapshotId] = useState(
    (snapshots.find((s) => s.id === wantedSnapshot) ?? (snapshots[0] as Snapshot)).id,
  );
  const begun = snapshots.find((s) => s.id === snapshotId);
  const [kind, setKind] = useState<SnapshotRunKind>(begun?.trainPairs === 0 ? "kto" : "dpo");
  const [preset, setPreset] = useState<PresetName>("balanced");
  const [chosenBase, setChosenBase] = useState<string | null>(null);
  const [chosenReward, setChosenReward] = useState<string | null>(null);
  const [texts, setTexts] = useState<SettingTexts>({});
  const snapshot = snapshots.find((s) => s.id === snapshotId);
  const pairs = snapshot ? pairsFor(kind, snapshot) : 0;
  const settings = readSettings(kind, texts);
  const problems = settingProblems(kind, presetConfig(kind, preset, pairs, settings));
  const right = Object.fromEntries(Object.entries(settings).filter(([path]) => !problems.has(path)));
  const asked = useDebounced(JSON.stringify(right), 300);
  const models = useQuery(trpc.models.list.queryOptions({ projectId }));
  const baseModels = models.data?.models.filter((m) => m.kind === "policy") ?? [];
  const baseModelId = chosenBase ?? (baseModels.find((m) => m.starter) ?? baseModels[0])?.id;
  const baseModel = baseModels.find((m) => m.id === baseModelId);
  const runs = useQuery(trpc.runs.list.queryOptions({ projectId }));
  const plans = useQueries({
    queries: presetNames.map((name) =>
      trpc.runs.plan.queryOptions(
        { projectId, snapshotId, kind, preset: name, baseModelId, settings: JSON.parse(asked) },
        { placeholderData: keepPreviousData, enabled: baseModelId !== undefined },
      ),
    ),
  });
  const plan = plans[presetNames.indexOf(preset)]?.data;
  const rewards = plans[0]?.data?.rewards;
  const rewardId = isOnline(kind) ? (chosenReward ?? rewards?.[0]?.id) : undefined;
  const unrewarded = isOnline(kind) && rewardId === undefined;
  const failed = [models, ...plans].find((query) => query.isError);
  const create = useMutation(
    trpc.runs.create.mutationOptions({
      onSuccess: async ({ runId }) => {
        toast.show({ title: toasts("created") });
        await queries.invalidateQueries({ queryKey: trpc.runs.list.pathKey() });
        router.push(`/projects/${projectId}/runs/${runId}`);
      },
    }),
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    if (problems.size > 0 || unrewarded || create.isPending) return;
    create.mutate({ projectId, snapshotId, kind, preset, baseModelId, settings, rewardId });
  }

  // How often a run that samples sees its prompts says nothing of how long it should be.
  const recommended = isOnline(kind)
    ? null
    : recommendPreset(
        plans.flatMap(({ data }, i) => {
          const name = presetNames[i];
          return data && name ? [{ ...data, name, examples: examplesOf(kind, pairs) }] : [];
        }),
        baseModel?.parameters ?? 0,
      );
  return (
    <form onSubmit={submit} noValidate>
      {runs.data && !runs.data.workerOnline ? <WorkerOfflineNote /> : null}
      <Card>
        <div className="grid gap-6">
          <Field label={t("snapshot")} hint={snapshot?.testPairs === 0 ? t("noHeldOut") : t("snapshotHelp")}>
            <Select
              value={snapshotId}
              onChange={setSnapshotId}
              items={snapshots.map((s) => ({
                value: s.id,
                label: t("snapshotOption", {
                  number: s.number,
                  pairs: s.trainPairs,
                  test: s.testPairs,
                  responses: s.trainResponses,
                }),
              }))}
            />
          </Field>
          <ChoiceCards
            label={t("kind")}
            value={kind}
            onChange={setKind}
            choices={snapshotRunKinds.map((value) => ({
              value,
              title: t(`${value}Title`),
              children: (
                <>
                  <span className="block">{t(`${value}Text`)}</span>
                  <span className="mt-1 block text-[13px] text-muted">{t(`${value}Use`)}</span>
                </>
              ),
            }))}
          />
          {kind === "dpo" ? (
            <LossField value={texts.loss ?? ""} onChange={(loss) => setTexts({ ...texts, loss })} />
          ) : null}
          {isOnline(kind) ? (
            <RewardField choices={plans[0]?.data?.rewards} value={rewardId} onChange={setChosenReward} />
          ) : null}
          <ChoiceCards
            label={t("preset")}
            value={preset}
            onChange={setPreset}
            choices={presetNames.map((name, i) => ({
              value: name,
              title: <PresetTitle name={name} recommended={recommended?.name === name} />,
              children: (
                <PresetText
                  name={name}
                  plan={plans[i]?.data}
                  why={
                    recommended?.name === name
                      ? t(`why.${recommended.why}`, {
                          pairs,
                          rounds: recommended.rounds,
                          parameters: compact(baseModel?.parameters ?? 0),
                        })
                      : null
                  }
                />
              ),
            }))}
          />
          <Field label={t("baseModel")} hint={t("baseModelHelp")}>
            <Select
              value={baseModelId ?? null}
              onChange={setChosenBase}
              items={baseModels.map((m) => ({
                value: m.id,
                label: t("baseModelOption", { name: m.name, parameters: compact(m.parameters) }),
              }))}
            />
          </Field>
          <AdapterField
            config={presetConfig(kind, preset, pairs, right)}
            settings={right}
            shape={models.data ? (baseModel?.shape ?? null) : undefined}
            lengths={plan?.lengths}
            machineBytes={baseModel?.memory.machine ?? 0}
            estimatedSeconds={plan?.estimatedSeconds ?? null}
            methodsHref={`/projects/${projectId}/learn/methods${baseModelId ? `?model=${baseModelId}` : ""}`}
            onChange={(way) => setTexts(withAdapterKind(texts, way))}
          />
          <AdvancedFields
            texts={texts}
            onChange={setTexts}
            preset={presetConfig(kind, preset, pairs, decisive(settings))}
            problems={problems}
          />
          <PreflightCard
            request={{ projectId, snapshotId, kind, preset, baseModelId, settings, rewardId }}
            disabled={problems.size > 0 || unrewarded || runs.data?.workerOnline === false}
          />
          {failed ? <ErrorNote error={failed.error} onRetry={() => failed.refetch()} /> : null}
          {create.error ? <ErrorNote error={create.error} /> : null}
          <div className="flex flex-wrap items-center gap-3">
            <Button
              type="submit"
              variant="primary"
              pending={create.isPending}
              disabled={problems.size > 0 || unrewarded}
              icon={<Play aria-hidden className="size-4" />}
            >
              {create.isPending ? t("starting") : t("train")}
            </Button>
            {problems.size > 0 ? (
              <p role="status" className="text-danger">
                {t("fixFields")}
              </p>
            ) : null}
          </div>
        </div>
      </Card>
    </form>
  );
}
