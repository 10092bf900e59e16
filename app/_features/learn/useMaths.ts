"use client";
import { useFormatter } from "next-intl";
import { useMemo } from "react";

/** How numbers are written in a calculation. */
export function useMaths() {
  const format = useFormatter();
  return useMemo(() => {
    const number = (value: number) =>
      // A difference of nothing has no sign.
      format.number(Math.abs(value) < 0.0005 ? 0 : value, {
        minimumFractionDigits: 3,
        maximumFractionDigits: 3,
      });
    return {
      number,
      /** A number after an operator. */
      term: (value: number) => (value < -0.0005 ? `(${number(value)})` : number(value)),
      percent: (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 }),
      /** A setting such as β. */
      setting: (value: number) => format.number(value, { maximumSignificantDigits: 3 }),
    };
  }, [format]);
}
