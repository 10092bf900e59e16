"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/Button";
import type { PresetConfig } from "@/trainer/contracts/preset";
import { pathOf } from "@/trainer/contracts/settings";
import { groupedFields, type SettingProblem, type SettingTexts } from "./runForm";
import { SettingField } from "./SettingField";

interface Props {
  texts: SettingTexts;
  onChange: (texts: SettingTexts) => void;
  /** The preset's own values, shown where nothing is set. */
  preset: PresetConfig;
  problems: ReadonlyMap<string, SettingProblem>;
}

/** Folded away: every setting of this kind of run as its schema tells it, for those who want one otherwise. */
export function AdvancedFields({ texts, onChange, preset, problems }: Props) {
  const t = useTranslations("runs.form");
  const groups = groupedFields(preset.kind, texts);
  const changedIn = (fields: (typeof groups)[number]["fields"]) =>
    fields.filter((field) => texts[pathOf(field)]?.trim()).length;
  const changed = changedIn(groups.flatMap(({ fields }) => fields));
  return (
    <details className="rounded-md border border-line bg-surface">
      <summary className="flex min-h-11 flex-wrap items-center gap-x-3 px-4 font-medium">
        {t("advanced")}
        <Changed count={changed} />
      </summary>
      <div className="border-t border-line p-4">
        <p className="max-w-[72ch] text-muted">{t("advancedHelp")}</p>
        <div className="mt-3 divide-y divide-line">
          {groups.map(({ group, fields }) => (
            <details key={group} open={group === "objective"}>
              <summary className="flex min-h-11 flex-wrap items-center gap-x-3 font-medium">
                {t(`groups.${group}`)}
                <Changed count={changedIn(fields)} />
              </summary>
              <div className="grid gap-x-6 gap-y-5 pt-2 pb-5 sm:grid-cols-2">
                {fields.map((field) => (
                  <SettingField
                    key={pathOf(field)}
                    setting={field}
                    preset={preset}
                    text={texts[pathOf(field)] ?? ""}
                    onChange={(text) => onChange({ ...texts, [pathOf(field)]: text })}
                    problem={problems.get(pathOf(field))}
                  />
                ))}
              </div>
            </details>
          ))}
        </div>
        {changed > 0 ? (
          <Button className="mt-3" onClick={() => onChange({})}>
            {t("resetSettings")}
          </Button>
        ) : null}
      </div>
    </details>
  );
}

function Changed({ count }: { count: number }) {
  const t = useTranslations("runs.form");
  return count > 0 ? (
    <span className="text-[13px] font-normal text-muted">{t("advancedChanged", { count })}</span>
  ) : null;
}
