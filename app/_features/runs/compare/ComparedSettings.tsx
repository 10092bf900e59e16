"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Card } from "@/app/_ui/Card";
import { Switch } from "@/app/_ui/Switch";
import { ComparedTable } from "./ComparedTable";
import type { Compared } from "./compareCurves";
import { compareSettings, type SettingRow } from "./configDiff";

/** What the runs were asked to do: only what differs, or everything. */
export function ComparedSettings({ runs }: { runs: readonly Compared[] }) {
  const t = useTranslations("runs.compare");
  const [all, setAll] = useState(false);
  const row = (path: string, values: readonly (string | null)[]): SettingRow => ({
    path,
    values,
    differs: new Set(values).size > 1,
  });
  const rows = [
    row(
      t("kind"),
      runs.map(({ run }) => run.kind),
    ),
    row(
      t("snapshot"),
      runs.map(({ run }) => `${run.dataset.number} (${run.dataset.contentHash.slice(0, 8)})`),
    ),
    row(
      t("baseModel"),
      runs.map(({ run }) => run.baseModelName),
    ),
    ...compareSettings(runs.map(({ run }) => run.config)),
  ];
  const shown = all ? rows : rows.filter(({ differs }) => differs);
  return (
    <Card
      title={t("settings")}
      description={t("settingsText")}
      actions={<Switch checked={all} onChange={setAll} label={t("all")} />}
      flush={shown.length > 0}
    >
      {shown.length === 0 ? (
        <p className="text-muted">{t("sameSettings")}</p>
      ) : (
        <ComparedTable
          label={t("settings")}
          corner={t("setting")}
          runs={runs}
          rows={shown.map(({ path, values, differs }) => ({
            key: path,
            head: <code className="font-mono text-[13px]">{path}</code>,
            cells: values.map((value) =>
              value === null ? null : (
                <span key={value} className={differs ? "font-medium" : "text-muted"}>
                  {value}
                </span>
              ),
            ),
          }))}
        />
      )}
    </Card>
  );
}
