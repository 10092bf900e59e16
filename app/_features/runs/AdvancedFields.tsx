"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import type { PresetConfig } from "@/trainer/contracts/preset";
import type { SnapshotRunKind } from "@/trainer/contracts/runConfig";
import { boundsOf, fieldsOf, type OverrideField, type OverrideText, parseOverrides } from "./runForm";
import { useFigures } from "./useFigures";

interface Props {
  kind: SnapshotRunKind;
  text: OverrideText;
  onChange: (text: OverrideText) => void;
  /** The preset's own values, shown where a field is empty. */
  preset: PresetConfig;
}

/** Folded away: what a preset decides, for those who want it otherwise. */
export function AdvancedFields({ kind, text, onChange, preset }: Props) {
  const t = useTranslations("runs.form");
  const { setting } = useFigures();
  const { wrong } = parseOverrides(kind, text);
  const changed = fieldsOf(kind).filter((field) => text[field].trim() !== "").length;
  return (
    <details className="rounded-md border border-line bg-surface">
      <summary className="flex min-h-11 flex-wrap items-center gap-x-3 px-4 font-medium">
        {t("advanced")}
        {changed > 0 ? (
          <span className="text-[13px] font-normal text-muted">{t("advancedChanged", { count: changed })}</span>
        ) : null}
      </summary>
      <div className="border-t border-line p-4">
        <p className="mb-4 text-muted">{t("advancedHelp")}</p>
        <div className="grid gap-4 sm:grid-cols-2">
          {fieldsOf(kind).map((field) => {
            const { min, max } = boundsOf(field);
            const usual = presetValue(preset, field);
            return (
              <Field
                key={field}
                label={t(`fields.${field}`)}
                hint={t(`fieldHelp.${field}`)}
                error={
                  wrong.includes(field)
                    ? t("outOfBounds", {
                        integer: String(wholeNumbers.includes(field)),
                        min: setting(min),
                        max: setting(max),
                      })
                    : undefined
                }
              >
                <Input
                  inputMode="decimal"
                  autoComplete="off"
                  value={text[field]}
                  placeholder={usual === undefined ? undefined : setting(usual)}
                  onChange={(event) => onChange({ ...text, [field]: event.target.value })}
                />
              </Field>
            );
          })}
        </div>
      </div>
    </details>
  );
}

const wholeNumbers: readonly OverrideField[] = ["batchSize", "maxLength", "seed"];

function presetValue(config: PresetConfig, field: OverrideField): number | undefined {
  if (field === "learningRate") return config.optimizer.learningRate;
  if (field === "beta") return config.kind === "dpo" || config.kind === "kto" ? config.beta : undefined;
  return config[field];
}
