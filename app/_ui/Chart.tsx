"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import { ChartTable } from "./ChartTable";
import { type ChartProps, chartOptions, chartRows, readChartColours } from "./chartOptions";
import { cx } from "./cx";

/** Curves or bars over one axis. Charts with the same `syncKey` show the same point at once; a table holds the numbers too. */
export function Chart(props: ChartProps) {
  const { label, x, series, smoothing, height = 200, formatX, formatY, tableRows = 50 } = props;
  const t = useTranslations("common");
  const format = useFormatter();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const [colourRound, setColourRound] = useState(0);
  const data = useMemo(() => chartRows({ x, series, smoothing }), [x, series, smoothing]);
  const latestData = useRef(data);
  latestData.current = data;
  const sayX = formatX ?? ((value: number) => format.number(value));
  const sayY = formatY ?? ((value: number) => format.number(value, { maximumSignificantDigits: 4 }));
  const say = useRef({ sayX, sayY });
  say.current = { sayX, sayY };

  // What the plot is made of; new numbers only flow into it.
  const shape = JSON.stringify([
    series.map((s) => [s.label, s.colour, s.dashed, s.points, s.kind, Boolean(s.band)]),
    props.syncKey,
    props.yRange,
    height,
    colourRound,
  ]);
  const latestProps = useRef(props);
  latestProps.current = props;

  useEffect(() => {
    const element = host.current;
    if (!element || shape === "") return;
    const options = chartOptions(latestProps.current, {
      width: Math.max(element.clientWidth, 120),
      colours: readChartColours(element),
      formatX: (value) => say.current.sayX(value),
      formatY: (value) => say.current.sayY(value),
      onHover: setHovered,
    });
    const made = new uPlot(options, latestData.current, element);
    plot.current = made;
    const sizes = new ResizeObserver(([entry]) => {
      if (entry) made.setSize({ width: Math.max(Math.floor(entry.contentRect.width), 120), height: made.height });
    });
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);

  useEffect(() => {
    const redraw = () => setColourRound((round) => round + 1);
    // Paper is white whatever the theme.
    const looks = ["(prefers-color-scheme: dark)", "print"].map((query) => window.matchMedia(query));
    for (const look of looks) look.addEventListener("change", redraw);
    const theme = new MutationObserver(redraw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      for (const look of looks) look.removeEventListener("change", redraw);
      theme.disconnect();
    };
  }, []);

  const last = x.length - 1;
  const shown = hovered !== null && hovered <= last ? hovered : last;
  return (
    <figure className="min-w-0">
      <figcaption className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <span className="font-medium">{label}</span>
        {series.length > 1 || hovered !== null ? (
          <span className="flex flex-wrap gap-x-4 gap-y-1 text-[13px] text-muted" aria-hidden>
            {series.map((one) => {
              const value = one.values[shown];
              return (
                <span key={one.label} className="tabular inline-flex items-center gap-1.5">
                  <svg width="18" height="6" aria-hidden className={cx("shrink-0", legendColours[one.colour ?? 1])}>
                    <line
                      x1="0"
                      y1="3"
                      x2="18"
                      y2="3"
                      stroke="currentColor"
                      strokeWidth="2.5"
                      strokeDasharray={one.dashed ? "4 3" : undefined}
                    />
                  </svg>
                  {one.label}
                  {hovered !== null && value != null ? <b className="font-medium text-ink">{sayY(value)}</b> : null}
                </span>
              );
            })}
          </span>
        ) : null}
        {hovered !== null && x[shown] !== undefined ? (
          <span className="tabular ml-auto text-[13px] text-muted" aria-hidden>
            {props.xLabel} {sayX(x[shown])}
          </span>
        ) : null}
      </figcaption>
      <div
        ref={host}
        role="img"
        aria-label={t("chartLabel", { label })}
        className="mt-2 w-full overflow-hidden"
        style={{ minHeight: height }}
      />
      {props.note ? <p className="mt-1 max-w-[72ch] text-[13px] text-muted">{props.note}</p> : null}
      <ChartTable {...props} formatX={sayX} formatY={sayY} tableRows={tableRows} />
    </figure>
  );
}

const legendColours = {
  1: "text-chart-1",
  2: "text-chart-2",
  3: "text-chart-3",
  4: "text-chart-4",
} as const;
