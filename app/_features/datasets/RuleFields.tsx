"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { Switch } from "@/app/_ui/Switch";
import type { RuleField, RuleForm } from "./ruleForm";

interface Props {
  form: RuleForm;
  wrong: readonly RuleField[];
  onChange: (form: RuleForm) => void;
}

type NumberField = "minJudgements" | "prior" | "minAgreement" | "testShare" | "splitSeed";
const shares: readonly NumberField[] = ["minAgreement", "testShare"];

/** The combination rule, each field with the sentence that says what it does. */
export function RuleFields({ form, wrong, onChange }: Props) {
  const t = useTranslations("datasets.dialog");
  const set = (change: Partial<RuleForm>) => onChange({ ...form, ...change });
  const number = (key: NumberField) => (
    <Field label={t(key)} hint={t(`${key}Hint`)} error={wrong.includes(key) ? t(`${key}Error`) : undefined}>
      <span className="flex items-center gap-2">
        <Input
          inputMode={key === "minJudgements" || key === "splitSeed" ? "numeric" : "decimal"}
          autoComplete="off"
          value={form[key]}
          onChange={(event) => set({ [key]: event.currentTarget.value })}
          className="tabular max-w-28"
        />
        {shares.includes(key) ? <span className="text-muted">%</span> : null}
      </span>
    </Field>
  );
  return (
    <div className="flex flex-col gap-5">
      {number("minJudgements")}
      {number("minAgreement")}
      <fieldset className="min-w-0">
        <legend className="mb-1.5 font-medium">{t("labels")}</legend>
        <div className="flex flex-col gap-2">
          {(["soft", "hard"] as const).map((labels) => (
            <label
              key={labels}
              className="flex gap-3 rounded-md border border-line p-3 has-checked:border-accent has-checked:bg-accent-soft"
            >
              <input
                type="radio"
                name="labels"
                className="mt-0.5 size-4 shrink-0 accent-accent"
                checked={form.labels === labels}
                onChange={() => set({ labels })}
              />
              <span>
                <span className="block font-medium">{t(labels)}</span>
                <span className="block text-[13px] text-muted">{t(`${labels}Hint`)}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {form.labels === "soft" ? number("prior") : null}
      {number("testShare")}
      <Switch
        checked={form.useImported}
        onChange={(useImported) => set({ useImported })}
        label={t("useImported")}
        hint={t("useImportedHint")}
      />
      <details open={wrong.includes("splitSeed") || undefined}>
        <summary className="min-h-6 font-medium pointer-coarse:min-h-11">{t("more")}</summary>
        <div className="mt-3">{number("splitSeed")}</div>
      </details>
    </div>
  );
}
