"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useMemo } from "react";

/** How times, sizes and figures are said on the pages of runs, models and the playground. */
export function useFigures() {
  const t = useTranslations("runs.duration");
  const format = useFormatter();
  return useMemo(
    () => ({
      duration(total: number): string {
        const seconds = Math.max(0, Math.round(total));
        const minutes = Math.floor(seconds / 60);
        if (minutes === 0) return t("seconds", { seconds });
        if (minutes < 60) return t("minutes", { minutes, seconds: seconds % 60 });
        return t("hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
      },
      bytes(bytes: number): string {
        const [size, unit] =
          bytes < 1e5
            ? ([1e3, "kilobyte"] as const)
            : bytes < 1e9
              ? ([1e6, "megabyte"] as const)
              : ([1e9, "gigabyte"] as const);
        return format.number(bytes / size, { style: "unit", unit, maximumFractionDigits: 1 });
      },
      compact: (count: number): string => format.number(count, { notation: "compact", maximumFractionDigits: 1 }),
      figure: (value: number): string => format.number(value, { maximumSignificantDigits: 3 }),
      signed: (value: number): string =>
        format.number(value, { maximumSignificantDigits: 3, signDisplay: "exceptZero" }),
      percent: (value: number): string => format.number(value, { style: "percent" }),
      /** Learning rates and their like: 5e-5 rather than 0. */
      setting: (value: number): string =>
        value !== 0 && Math.abs(value) < 0.001 ? value.toExponential() : String(value),
    }),
    [t, format],
  );
}
