"use client";
import { useTranslations } from "next-intl";

/** How far the training lines are averaged, from not at all to 95 %. */
export function Smoothing({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const t = useTranslations("runs.curves");
  return (
    <label className="flex min-h-8 items-center gap-2 text-[13px] pointer-coarse:min-h-11" title={t("smoothingHelp")}>
      <span className="text-muted">{t("smoothing")}</span>
      <input
        type="range"
        min={0}
        max={0.95}
        step={0.05}
        value={value}
        aria-valuetext={t("smoothingValue", { value })}
        onChange={(event) => onChange(Number(event.target.value))}
        className="w-28 accent-accent"
      />
      <span className="tabular w-9 text-end">{t("smoothingValue", { value })}</span>
    </label>
  );
}
