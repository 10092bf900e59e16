"use client";
import { useTranslations } from "next-intl";
import { Card } from "@/app/_ui/Card";
import { useFigures } from "../useFigures";
import { ComparedTable } from "./ComparedTable";
import type { Compared } from "./compareCurves";
import { figureRows } from "./figureRows";

/** All held-out figures of the runs beside each other, with their 95 % intervals. */
export function ComparedFigures({ runs }: { runs: readonly Compared[] }) {
  const t = useTranslations("runs.compare");
  const curves = useTranslations("runs.curves");
  const { figure, percent } = useFigures();
  const cell = ({ run }: Compared, name: string | null, say: (value: number) => string) => {
    const value = run.metrics?.[name ?? ""];
    if (value === undefined) return null;
    const [low = value, high = value] = run.intervals?.[name ?? ""] ?? [];
    return (
      <>
        {say(value)}
        {low < high ? (
          <span className="ms-2 text-[13px] text-muted">{t("interval", { low: say(low), high: say(high) })}</span>
        ) : null}
      </>
    );
  };
  const rows = figureRows(runs.map(({ run }) => run)).map(({ curve, label, names }) => ({
    key: label,
    head: curve ? curves(curve) : <code className="font-mono text-[13px]">{label}</code>,
    cells: runs.map((one, index) => cell(one, names[index] ?? null, curve === "accuracy" ? percent : figure)),
  }));
  return (
    <Card title={t("figures")} description={t("figuresText")} flush={rows.length > 0}>
      {rows.length === 0 ? (
        <p className="text-muted">{t("noFigures")}</p>
      ) : (
        <ComparedTable label={t("figures")} corner={t("figure")} runs={runs} rows={rows} />
      )}
    </Card>
  );
}
