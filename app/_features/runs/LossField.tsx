"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/app/_ui/Field";
import { Select } from "@/app/_ui/Select";
import { offeredLosses } from "./runForm";

/** What every preset learns by. */
const usual = "sigmoid";

/** The loss of a run on pairs, by name. A mixture is typed under "Advanced" and only told here. */
export function LossField({ value, onChange }: { value: string; onChange: (loss: string) => void }) {
  const t = useTranslations("runs.form");
  const typed = value.trim() || usual;
  const known = offeredLosses.find((name) => name === typed);
  const own = known ? [] : [{ value: typed, label: t("mixture", { losses: typed }) }];
  return (
    <Field label={t("loss")} hint={known ? t(`lossTexts.${known}`) : t("mixtureText")}>
      <Select
        value={typed}
        onChange={(name) => onChange(name === usual ? "" : name)}
        items={[...own, ...offeredLosses.map((name) => ({ value: name as string, label: t(`losses.${name}`) }))]}
      />
    </Field>
  );
}
