"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { Select } from "@/app/_ui/Select";
import { Switch } from "@/app/_ui/Switch";
import { Textarea } from "@/app/_ui/Textarea";
import {
  longestCriterion,
  longestReasonChoice,
  mostCriteria,
  mostReasonChoices,
  verdictStepChoices,
} from "@/server/domain/judging";
import { changeHoursRange, type DraftProblem, type SettingsDraft } from "./settingsDraft";

interface Props {
  draft: SettingsDraft;
  problems: readonly DraftProblem[];
  change: (part: Partial<SettingsDraft>) => void;
}

/** How the project asks: the scale, what is judged besides the whole, reasons, and how long a vote may be changed. */
export function JudgingFields({ draft, problems, change }: Props) {
  const t = useTranslations("settings.judging");
  return (
    <div className="flex max-w-2xl flex-col gap-5">
      <Field label={t("steps")} hint={t("stepsHint")}>
        <Select
          value={String(draft.verdictSteps)}
          onChange={(value) => change({ verdictSteps: Number(value) })}
          items={verdictStepChoices.map((steps) => ({ value: String(steps), label: t(`stepsOf.${steps}`) }))}
        />
      </Field>
      <Switch
        checked={draft.allowBothBad}
        onChange={(allowBothBad) => change({ allowBothBad })}
        label={t("bothBad")}
        hint={t("bothBadHint")}
      />
      <Field
        label={t("criteria")}
        hint={t("criteriaHint")}
        error={
          problems.includes("criteria") ? t("listWrong", { most: mostCriteria, longest: longestCriterion }) : undefined
        }
      >
        <Textarea
          rows={3}
          placeholder={t("criteriaPlaceholder")}
          value={draft.criteria}
          onChange={(event) => change({ criteria: event.target.value })}
        />
      </Field>
      <Switch
        checked={draft.reasonRequired}
        onChange={(reasonRequired) => change({ reasonRequired })}
        label={t("reason")}
        hint={t("reasonHint")}
      />
      <Field
        label={t("reasonChoices")}
        hint={t("reasonChoicesHint")}
        error={
          problems.includes("reasonChoices")
            ? t("listWrong", { most: mostReasonChoices, longest: longestReasonChoice })
            : undefined
        }
      >
        <Textarea
          rows={4}
          placeholder={t("reasonChoicesPlaceholder")}
          value={draft.reasonChoices}
          onChange={(event) => change({ reasonChoices: event.target.value })}
        />
      </Field>
      <Field
        label={t("change")}
        hint={t("changeHint")}
        error={problems.includes("changeHours") ? t("changeWrong", changeHoursRange) : undefined}
      >
        <Input
          type="number"
          inputMode="decimal"
          step="any"
          {...changeHoursRange}
          value={draft.changeHours}
          onChange={(event) => change({ changeHours: event.target.value })}
          className="max-w-32"
        />
      </Field>
    </div>
  );
}
