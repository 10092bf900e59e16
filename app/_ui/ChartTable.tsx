"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { ChartProps } from "./chartOptions";
import { spread } from "./chartSeries";
import { Table, Td, Th } from "./Table";

type Props = ChartProps & Required<Pick<ChartProps, "formatX" | "formatY" | "tableRows">>;

/** The chart's numbers as text, for those who cannot see it or want them exact. Long curves give evenly spread rows. */
export function ChartTable({ label, xLabel, x, series, formatX, formatY, tableRows }: Props) {
  const t = useTranslations("common");
  const [open, setOpen] = useState(false);
  return (
    <details className="mt-1" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="inline-flex min-h-6 items-center text-[13px] text-muted hover:text-ink pointer-coarse:min-h-11">
        {t("showAsTable")}
      </summary>
      {open ? (
        <div className="mt-1 max-h-72 overflow-y-auto rounded-md border border-line">
          <Table label={label}>
            <thead>
              <tr>
                <Th>{xLabel}</Th>
                {series.map((one) => (
                  <Th key={one.label}>{one.label}</Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {spread(x.length, tableRows).map((index) => (
                <tr key={index}>
                  <Td>{formatX(x[index] ?? 0)}</Td>
                  {series.map((one) => {
                    const value = one.values[index];
                    return <Td key={one.label}>{value == null ? "–" : formatY(value)}</Td>;
                  })}
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      ) : null}
    </details>
  );
}
