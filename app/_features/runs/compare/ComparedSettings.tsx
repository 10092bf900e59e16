"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Card } from "@/app/_ui/Card";
import { Switch } from "@/app/_ui/Switch";
import { Table, Td, Th } from "@/app/_ui/Table";
import type { Compared } from "./compareCurves";
import { compareSettings, type SettingRow } from "./configDiff";
import { RunMark } from "./RunMark";

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
        <Table label={t("settings")}>
          <thead>
            <tr>
              <Th>{t("setting")}</Th>
              {runs.map(({ run }, index) => (
                <Th key={run.id}>
                  <RunMark index={index} />
                </Th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ path, values, differs }) => (
              <tr key={path} data-differs={differs}>
                <Td className="font-mono text-[13px] whitespace-nowrap">{path}</Td>
                {runs.map(({ run }, index) => (
                  <Td key={run.id} className={differs ? "font-medium" : "text-muted"}>
                    {values[index] ?? <span className="font-normal text-muted">–</span>}
                  </Td>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}
