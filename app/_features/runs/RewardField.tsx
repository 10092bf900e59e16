"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/app/_ui/Field";
import { Select } from "@/app/_ui/Select";

interface Props {
  /** Reward models by name; the rule that labelled the pairs has none. Undefined while they load. */
  choices: readonly { readonly id: string; readonly name: string | null }[] | undefined;
  value: string | undefined;
  onChange: (id: string) => void;
}

/** What scores the answers of a run that samples: a reward model of the project, or the rule that labelled its pairs. */
export function RewardField({ choices, value, onChange }: Props) {
  const t = useTranslations("runs.form");
  if (choices?.length === 0) {
    return (
      <p role="status" className="rounded-md border border-warn/40 bg-warn-soft p-3">
        {t("noReward")}
      </p>
    );
  }
  const rule = choices?.find(({ id }) => id === value)?.name === null;
  return (
    <Field label={t("rewardSource")} hint={t(rule ? "rewardRuleHelp" : "rewardHelp")}>
      <Select
        value={value ?? null}
        onChange={onChange}
        items={(choices ?? []).map(({ id, name }) => ({ value: id, label: name ?? t("rewardRule") }))}
      />
    </Field>
  );
}
