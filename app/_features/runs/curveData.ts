import type { ChartSeries } from "@/app/_ui/chartOptions";
import type { CurveState } from "./curveStates";
import { downsample, type HeldOutPoint, type TrainPoint } from "./runEvents";

/** One line of a chart before it shares the chart's steps. Held-out lines bring their interval and are never smoothed. */
export interface CurveLine {
  readonly label: string;
  readonly colour: NonNullable<ChartSeries["colour"]>;
  readonly points: readonly TrainPoint[] | readonly HeldOutPoint[];
  readonly heldOut?: boolean;
  /** A level to compare with rather than a measurement: dashed, never smoothed. */
  readonly dashed?: boolean;
}

export interface Curve {
  readonly id: string;
  readonly label: string;
  /** How to read it. */
  readonly text: string;
  /** What it shows now; null where only the lines tell. */
  readonly state: CurveState | null;
  readonly lines: readonly CurveLine[];
  readonly share?: boolean;
}

/** Puts lines that were measured at different steps over one axis; where a line has no point there is a gap. */
export function shareSteps(lines: readonly CurveLine[]): { readonly x: number[]; readonly series: ChartSeries[] } {
  const drawn = lines
    .filter((line) => line.points.length > 0)
    .map((line) => ({ ...line, points: downsample<TrainPoint>(line.points) as readonly Partial<HeldOutPoint>[] }));
  const x = [...new Set(drawn.flatMap((line) => line.points.map((p) => p.step as number)))].sort((a, b) => a - b);
  const series = drawn.map(({ label, colour, points, heldOut = false, dashed = false }): ChartSeries => {
    const byStep = new Map(points.map((p) => [p.step, p]));
    const column = (field: "value" | "low" | "high") => x.map((step) => byStep.get(step)?.[field] ?? null);
    const line = { label, colour, values: column("value") };
    if (dashed) return { ...line, dashed, raw: true };
    if (!heldOut) return line;
    return { ...line, points: true, raw: true, band: { low: column("low"), high: column("high") } };
  });
  return { x, series };
}
