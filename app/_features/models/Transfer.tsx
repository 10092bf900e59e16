"use client";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Progress } from "@/app/_ui/Progress";
import { useFigures } from "../runs/useFigures";
import { type Sample, sampled, secondsLeft } from "./transferPace";

interface Props {
  /** What is being transferred. */
  name: string;
  bytes: number;
  total: number;
}

/** How far a transfer is, and about how long it will take. */
export function Transfer({ name, bytes, total }: Props) {
  const t = useTranslations("models.add");
  const figures = useFigures();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => setSamples((before) => sampled(before, { bytes, at: performance.now() })), [bytes]);
  const left = secondsLeft(samples, total);
  return (
    <div className="grid gap-1">
      <Progress label={t("transfer", { name })} value={bytes} max={total} />
      <p className="tabular flex flex-wrap justify-between gap-x-4 text-[13px] text-muted">
        <span>{t("transferred", { done: figures.bytes(bytes), total: figures.bytes(total) })}</span>
        {left === null ? null : <span>{t("left", { time: figures.duration(left) })}</span>}
      </p>
    </div>
  );
}
