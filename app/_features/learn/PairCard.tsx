"use client";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import { Card } from "@/app/_ui/Card";
import { Field } from "@/app/_ui/Field";
import { IconButton } from "@/app/_ui/IconButton";
import { Messages } from "@/app/_ui/Messages";
import { Select } from "@/app/_ui/Select";
import { RuleLabelsNote } from "../demo/RuleLabels";
import type { Lesson, LessonPair, LessonPolicy, LessonReward } from "./learnTypes";
import { useMaths } from "./useMaths";

interface Props {
  lesson: Lesson;
  pair: LessonPair;
  policy: LessonPolicy;
  reward: LessonReward | null;
  onPair: (id: string) => void;
  onPolicy: (id: string) => void;
  onReward: (id: string) => void;
}

/** Which pair is walked, under which models. */
export function PairCard({ lesson, pair, policy, reward, onPair, onPolicy, onReward }: Props) {
  const t = useTranslations("learn");
  const { percent } = useMaths();
  const at = lesson.pairs.findIndex(({ id }) => id === pair.id);
  const neighbour = (step: 1 | -1) => lesson.pairs.at((at + step) % lesson.pairs.length)?.id ?? pair.id;
  return (
    <Card title={t("pairTitle")} description={t("pairLead")}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          <div className="flex min-w-0 items-end gap-1 self-start sm:col-span-2 lg:col-span-1">
            <Field label={t("pair")} className="min-w-0 flex-1">
              <Select
                value={pair.id}
                onChange={onPair}
                items={lesson.pairs.map(({ id, prompt }) => ({ value: id, label: prompt }))}
              />
            </Field>
            <IconButton
              label={t("previousPair")}
              icon={<ChevronLeft aria-hidden className="size-4" />}
              disabled={lesson.pairs.length < 2}
              onClick={() => onPair(neighbour(-1))}
            />
            <IconButton
              label={t("nextPair")}
              icon={<ChevronRight aria-hidden className="size-4" />}
              disabled={lesson.pairs.length < 2}
              onClick={() => onPair(neighbour(1))}
            />
          </div>
          <Field
            label={t("policy")}
            hint={policy.reference ? t("referenceIs", { name: policy.reference.name }) : undefined}
          >
            <Select
              value={policy.id}
              onChange={onPolicy}
              items={lesson.policies.map(({ id, name }) => ({ value: id, label: name }))}
            />
          </Field>
          <Field label={t("rewardModel")} hint={reward ? undefined : t("noRewardShort")}>
            <Select
              value={reward?.id ?? null}
              onChange={onReward}
              placeholder={t("none")}
              disabled={lesson.rewards.length === 0}
              items={lesson.rewards.map(({ id, name }) => ({ value: id, label: name }))}
            />
          </Field>
        </div>
        <div>
          <h3 className="mb-1 text-[13px] font-medium text-muted">{t("prompt")}</h3>
          <Messages messages={pair.prompt} />
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          {(["chosen", "rejected"] as const).map((side) => (
            <div key={side} className="min-w-0 rounded-md border border-line p-3">
              <h3 className="mb-1 text-[13px] font-medium text-muted">{t(`${side}Answer`)}</h3>
              <Messages messages={pair[side]} />
            </div>
          ))}
        </div>
        <p>{t("label", { judgements: pair.judgements, p: percent(pair.probability) })}</p>
        <RuleLabelsNote judgements={pair.judgements} ruleJudgements={pair.ruleJudgements} />
      </div>
    </Card>
  );
}
