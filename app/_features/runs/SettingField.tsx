"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { Select } from "@/app/_ui/Select";
import type { PresetConfig } from "@/trainer/contracts/preset";
import type { ConfigField } from "@/trainer/contracts/schema";
import { pathOf, valueAt } from "@/trainer/contracts/settings";
import { type SettingProblem, settingText } from "./runForm";
import { useSettingWords } from "./useSettingWords";

interface Props {
  setting: ConfigField;
  /** What the preset says, in which everything else that was set is heeded. */
  preset: PresetConfig;
  text: string;
  onChange: (text: string) => void;
  problem: SettingProblem | undefined;
}

/** One setting: its name, its name in a configuration file, what it means, its usual value and where that comes from. */
export function SettingField({ setting, preset, text, onChange, problem }: Props) {
  const t = useTranslations("runs.form");
  const { path, field } = setting;
  const { label, help, source } = useSettingWords(preset.kind)(setting);
  const usual = settingText(field.default);
  const byPreset = settingText(valueAt(preset, path));
  const current = byPreset ?? usual;
  const say = (value: string | null) => {
    if (value === null) return t("unset");
    return field.type === "boolean" ? t(value === "true" ? "yes" : "no") : value;
  };
  const facts = [
    usual === null
      ? source && byPreset === null
        ? t("unsetFrom", { source })
        : null
      : source
        ? t("usualFrom", { value: say(usual), source })
        : t("usual", { value: say(usual) }),
    byPreset !== null && byPreset !== usual ? t("presetSays", { value: say(byPreset) }) : null,
  ].filter((fact) => fact !== null);
  const choices = field.type === "boolean" ? ["true", "false"] : field.enum;
  return (
    <Field
      label={
        <>
          {label} <code className="ms-1 font-mono text-[12px] font-normal break-all text-muted">{pathOf(setting)}</code>
        </>
      }
      hint={
        <>
          {help}
          <span className="block">{facts.join(" · ")}</span>
        </>
      }
      error={problem ? t(`problems.${problem.id}`, problem.values) : undefined}
    >
      {choices ? (
        <Select
          value={text}
          onChange={onChange}
          items={[
            { value: "", label: t("asUsual", { value: say(current) }) },
            ...choices.map((value) => ({ value, label: say(value) })),
          ]}
        />
      ) : (
        <Input
          inputMode={field.anyOf ? "text" : "decimal"}
          autoComplete="off"
          value={text}
          placeholder={current ?? t("unset")}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
