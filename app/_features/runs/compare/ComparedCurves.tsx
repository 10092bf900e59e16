"use client";
import { useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { Card } from "@/app/_ui/Card";
import { Chart } from "@/app/_ui/Chart";
import { Select } from "@/app/_ui/Select";
import { shareSteps } from "../curveData";
import { Smoothing } from "../Smoothing";
import { useFigures } from "../useFigures";
import {
  type Compared,
  type ComparedCurve,
  comparedCurves,
  comparedLines,
  compareNow,
  type Part,
} from "./compareCurves";

/** The runs' curves over each other, one chart a measure, each with the sentence that compares the present numbers. */
export function ComparedCurves({ runs }: { runs: readonly Compared[] }) {
  const t = useTranslations("runs.compare");
  const [part, setPart] = useState<Part>("heldOut");
  const [smoothing, setSmoothing] = useState(0.6);
  const drawn = comparedCurves.filter((curve) =>
    comparedLines(curve, part, runs).some((line) => line.points.length > 0),
  );
  return (
    <Card
      title={t("curves")}
      actions={
        <>
          {part === "train" ? <Smoothing value={smoothing} onChange={setSmoothing} /> : null}
          <Select
            label={t("part")}
            value={part}
            onChange={setPart}
            className="w-44"
            items={(["heldOut", "train"] as const).map((value) => ({ value, label: t(`parts.${value}`) }))}
          />
        </>
      }
    >
      {drawn.length === 0 ? (
        <p className="text-muted">{t("noCurves")}</p>
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-8 lg:grid-cols-2">
          {drawn.map((curve) => (
            <ComparedChart key={curve} curve={curve} part={part} runs={runs} smoothing={smoothing} />
          ))}
        </div>
      )}
    </Card>
  );
}

interface ChartOf {
  curve: ComparedCurve;
  part: Part;
  runs: readonly Compared[];
  smoothing: number;
}

function ComparedChart({ curve, part, runs, smoothing }: ChartOf) {
  const t = useTranslations("runs.curves");
  const { figure, percent } = useFigures();
  const { x, series } = useMemo(() => shareSteps(comparedLines(curve, part, runs)), [curve, part, runs]);
  return (
    <div className="min-w-0">
      <Chart
        label={t(curve)}
        xLabel={t("step")}
        x={x}
        series={series}
        smoothing={part === "train" ? smoothing : 0}
        syncKey="compare-runs"
        height={232}
        yRange={curve === "accuracy" ? [0, 1] : undefined}
        formatY={curve === "accuracy" ? percent : figure}
      />
      <ComparedSentence curve={curve} part={part} runs={runs} />
    </div>
  );
}

function ComparedSentence({ curve, part, runs }: Omit<ChartOf, "smoothing">) {
  const t = useTranslations("runs.compare");
  const { figure, percent } = useFigures();
  const { id, first, rest } = compareNow(curve, part, runs);
  const number = curve === "accuracy" ? percent : figure;
  const say = ({ letter, value, low, high }: NonNullable<typeof first>) =>
    low !== null && high !== null && low < high
      ? t("valueInterval", { letter, value: number(value), low: number(low), high: number(high) })
      : t("value", { letter, value: number(value) });
  return (
    <p className="tabular mt-1 max-w-[72ch] text-[13px] font-medium" data-curve={curve} data-comparison={id}>
      {first
        ? t(`states.${id}`, { letter: first.letter, first: say(first), rest: rest.map(say).join(t("and")) })
        : t(`states.${id}`)}
    </p>
  );
}
