import uPlot from "uplot";
import { type Points, smooth } from "./chartSeries";

export interface ChartSeries {
  readonly label: string;
  /** One value for each x; null is a gap. */
  readonly values: Points;
  readonly colour?: 1 | 2 | 3 | 4;
  readonly dashed?: boolean;
  /** Dots at the values, for few measurements. */
  readonly points?: boolean;
  readonly kind?: "line" | "bars";
  /** An interval around the values, drawn as a pale band. */
  readonly band?: { readonly low: Points; readonly high: Points };
  /** Leaves this series as measured whatever `smoothing` says. */
  readonly raw?: boolean;
}

export interface ChartProps {
  label: string;
  xLabel: string;
  x: readonly number[];
  series: readonly ChartSeries[];
  /** 0 … 0.99, an exponential moving average. */
  smoothing?: number;
  height?: number;
  syncKey?: string;
  /** Fixed ends of the y axis; null leaves one to the data. */
  yRange?: readonly [number | null, number | null];
  formatX?: (value: number) => string;
  formatY?: (value: number) => string;
  tableRows?: number;
  /** How to read it, in a sentence. */
  note?: string;
}

export interface ChartColours {
  readonly series: readonly string[];
  readonly axis: string;
  readonly grid: string;
}

/** Canvas knows no CSS variables, so an element wears each colour and tells what it became. */
export function readChartColours(element: HTMLElement): ChartColours {
  const probe = document.createElement("span");
  // In a transition an element would tell the colour before.
  probe.style.transition = "none";
  element.append(probe);
  const read = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    series: ["--chart-1", "--chart-2", "--chart-3", "--chart-4"].map(read),
    axis: read("--muted"),
    grid: read("--line"),
  };
  probe.remove();
  return colours;
}

/** uPlot's columns: x, then for each series its values, and its band's ends where it has one. */
export function chartRows({
  x,
  series,
  smoothing = 0,
}: Pick<ChartProps, "x" | "series" | "smoothing">): uPlot.AlignedData {
  const columns = series.flatMap((one) => {
    const amount = one.raw || one.kind === "bars" ? 0 : smoothing;
    const values = smooth(one.values, amount);
    return one.band ? [values, [...one.band.low], [...one.band.high]] : [values];
  });
  return [[...x], ...columns];
}

/** The x axis counts steps or days: no halves. */
const wholeSteps = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));

interface Surroundings {
  width: number;
  colours: ChartColours;
  formatX: (value: number) => string;
  formatY: (value: number) => string;
  onHover: (index: number | null) => void;
}

export function chartOptions(props: ChartProps, around: Surroundings): uPlot.Options {
  const { colours } = around;
  const bands: uPlot.Band[] = [];
  const series: uPlot.Series[] = [{}];
  for (const one of props.series) {
    const stroke = colours.series[(one.colour ?? 1) - 1] ?? colours.axis;
    series.push(lineOf(one, stroke));
    if (one.band) {
      const edge: uPlot.Series = { stroke: "transparent", width: 0, points: { show: false }, spanGaps: true };
      series.push(edge, edge);
      bands.push({ series: [series.length - 1, series.length - 2], fill: pale(stroke, 0.16) });
    }
  }
  const [low, high] = props.yRange ?? [null, null];
  const bars = props.series.some((one) => one.kind === "bars");
  return {
    width: around.width,
    height: props.height ?? 200,
    series,
    bands,
    legend: { show: false },
    padding: [8, 12, 0, 0],
    scales: {
      x: {
        time: false,
        // Half a bar of room at either end.
        range: (_, min, max) => (bars ? [min - 0.6, max + 0.6] : min === max ? [min - 1, max + 1] : [min, max]),
      },
      y: {
        range: (_, dataMin, dataMax) => {
          const [from, to] = uPlot.rangeNum(dataMin ?? 0, dataMax ?? 1, 0.1, bars);
          return [low ?? from ?? 0, high ?? to ?? 1];
        },
      },
    },
    axes: [
      { ...axisOf(colours, around.formatX, 28), incrs: wholeSteps, ...axisLabel(props.xLabel) },
      axisOf(colours, around.formatY, 56),
    ],
    cursor: {
      sync: props.syncKey ? { key: props.syncKey } : undefined,
      y: false,
      drag: { x: false, y: false },
      points: { size: 7 },
    },
    hooks: { setCursor: [(plot) => around.onHover(plot.cursor.idx ?? null)] },
  };
}

function lineOf(one: ChartSeries, stroke: string): uPlot.Series {
  if (one.kind === "bars") {
    return {
      label: one.label,
      stroke,
      width: 0,
      fill: stroke,
      points: { show: false },
      paths: uPlot.paths.bars?.({ size: [0.7, 36], radius: 0.15 }),
    };
  }
  return {
    label: one.label,
    stroke,
    width: 1.75,
    dash: one.dashed ? [6, 4] : undefined,
    points: { show: one.points ?? false, size: 6, stroke, fill: stroke },
    spanGaps: true,
  };
}

const axisFont = '12px "Inter Variable", "Noto Sans SC Variable", system-ui, sans-serif';
const axisLabel = (label: string): uPlot.Axis => ({ label, labelFont: axisFont, labelSize: 18, labelGap: 0 });

function axisOf(colours: ChartColours, say: (value: number) => string, size: number): uPlot.Axis {
  return {
    stroke: colours.axis,
    font: axisFont,
    size,
    gap: 6,
    grid: { stroke: colours.grid, width: 1, show: size > 40 },
    ticks: { show: false },
    values: (_, splits) => splits.map((value) => (value === null ? "" : say(value))),
  };
}

/** The same colour, mostly clear. Computed colours come as oklch(…) or rgb(…). */
function pale(colour: string, alpha: number): string {
  return colour.includes("/")
    ? colour
    : colour.replace(/\)$/, ` / ${alpha})`).replace(/^rgb\((\d+), (\d+), (\d+)/, "rgb($1 $2 $3");
}
