"use client";
import { useTranslations } from "next-intl";
import { Card } from "@/app/_ui/Card";
import { Table, Td, Th } from "@/app/_ui/Table";
import { figureRows } from "./compare/figureRows";
import type { RunDetail } from "./runTypes";
import { useFigures } from "./useFigures";

/** A run's held-out figures with their 95 % intervals, under the names that pages and papers give them. */
export function HeldOutFigures({ run }: { run: RunDetail }) {
  const t = useTranslations("runs");
  const { figure, percent } = useFigures();
  const rows = figureRows([run]);
  return (
    <Card title={t("card.heldOut")} flush={rows.length > 0}>
      {rows.length === 0 ? (
        <p className="text-muted">{t("accuracy.none")}</p>
      ) : (
        <Table label={t("card.heldOut")}>
          <thead>
            <tr>
              <Th>{t("compare.figure")}</Th>
              <Th>{t("curves.heldOut")}</Th>
              <Th>{t("card.interval")}</Th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ curve, label, names }) => {
              const name = names[0] ?? "";
              const say = curve === "accuracy" ? percent : figure;
              const [low, high] = run.intervals?.[name] ?? [];
              return (
                <tr key={label}>
                  <Td>{curve ? t(`curves.${curve}`) : <code className="font-mono text-[13px]">{label}</code>}</Td>
                  <Td>{say(run.metrics?.[name] ?? Number.NaN)}</Td>
                  <Td className="text-muted">
                    {low !== undefined && high !== undefined && low < high
                      ? t("compare.interval", { low: say(low), high: say(high) })
                      : "–"}
                  </Td>
                </tr>
              );
            })}
          </tbody>
        </Table>
      )}
    </Card>
  );
}
