"use client";
import { useTranslations } from "next-intl";
import type { ChartProps } from "./chartOptions";
import { spread } from "./chartSeries";
import { DetailsTable } from "./DetailsTable";

type Props = ChartProps & Required<Pick<ChartProps, "formatX" | "formatY" | "tableRows">>;

/** The chart's numbers as text, for those who cannot see it or want them exact. Long curves give evenly spread rows. */
export function ChartTable({ label, xLabel, x, series, formatX, formatY, tableRows }: Props) {
  const t = useTranslations("common");
  const rows = () =>
    spread(x.length, tableRows).map((index) => [
      formatX(x[index] ?? 0),
      ...series.map(({ values }) => {
        const value = values[index];
        return value == null ? "–" : formatY(value);
      }),
    ]);
  return (
    <div className="mt-1">
      <DetailsTable
        summary={t("showAsTable")}
        label={label}
        head={[xLabel, ...series.map((one) => one.label)]}
        rows={rows}
      />
    </div>
  );
}
