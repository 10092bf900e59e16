"use client";
import { useTranslations } from "next-intl";
import { Card } from "@/app/_ui/Card";
import { Table, Td, Th } from "@/app/_ui/Table";
import { useFigures } from "../useFigures";
import type { Compared } from "./compareCurves";
import { figureRows } from "./figureRows";
import { RunMark } from "./RunMark";

/** All held-out figures of the runs beside each other, with their 95 % intervals. */
export function ComparedFigures({ runs }: { runs: readonly Compared[] }) {
  const t = useTranslations("runs.compare");
  const curves = useTranslations("runs.curves");
  const { figure, percent } = useFigures();
  const rows = figureRows(runs.map(({ run }) => run));
  return (
    <Card title={t("figures")} description={t("figuresText")} flush={rows.length > 0}>
      {rows.length === 0 ? (
        <p className="text-muted">{t("noFigures")}</p>
      ) : (
        <Table label={t("figures")}>
          <thead>
            <tr>
              <Th>{t("figure")}</Th>
              {runs.map(({ run }, index) => (
                <Th key={run.id}>
                  <RunMark index={index} />
                </Th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ curve, label, names }) => {
              const say = curve === "accuracy" ? percent : figure;
              return (
                <tr key={label}>
                  <Td className={curve ? "whitespace-nowrap" : "font-mono text-[13px] whitespace-nowrap"}>
                    {curve ? curves(curve === "kl" ? "drift" : curve) : label}
                  </Td>
                  {runs.map(({ run }, index) => {
                    const name = names[index] ?? "";
                    const value = run.metrics?.[name];
                    const [low, high] = run.intervals?.[name] ?? [];
                    return (
                      <Td key={run.id} className="whitespace-nowrap">
                        {value === undefined ? <span className="text-muted">–</span> : say(value)}
                        {low !== undefined && high !== undefined && low < high ? (
                          <span className="ms-2 text-[13px] text-muted">
                            {t("interval", { low: say(low), high: say(high) })}
                          </span>
                        ) : null}
                      </Td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </Table>
      )}
    </Card>
  );
}
