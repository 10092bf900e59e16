import type { ReactNode } from "react";
import { cx } from "@/app/_ui/cx";

/** Units across a picture; it is drawn at this width and smaller on narrow screens. */
export const pictureWidth = 320;

interface PictureProps {
  /** What it shows, for those who do not see it. */
  label: string;
  height: number;
  children: ReactNode;
}

export function Picture({ label, height, children }: PictureProps) {
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${pictureWidth} ${height}`}
      className="w-full max-w-[320px] shrink-0 text-ink"
    >
      {children}
    </svg>
  );
}

interface BlockProps {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Trained numbers have a full outline, frozen ones a broken one. */
  trained?: boolean;
  /** Inside, in the middle. */
  children?: string;
}

/** A matrix, a vector or a token. */
export function Block({ x, y, width, height, trained = false, children }: BlockProps) {
  return (
    <g>
      <rect
        x={x}
        y={y}
        width={width}
        height={height}
        rx={Math.min(3, width / 3, height / 3)}
        className={trained ? "fill-accent-soft stroke-accent" : "fill-sunken stroke-line-strong"}
        strokeWidth={trained ? 1.5 : 1}
        strokeDasharray={trained ? undefined : "3 2"}
      />
      {children ? (
        <Label x={x + width / 2} y={y + height / 2 + 4} anchor="middle">
          {children}
        </Label>
      ) : null}
    </g>
  );
}

interface LabelProps {
  x: number;
  y: number;
  anchor?: "start" | "middle" | "end";
  quiet?: boolean;
  children: string;
}

export const Label = ({ x, y, anchor = "start", quiet = false, children }: LabelProps) => (
  <text x={x} y={y} textAnchor={anchor} className={cx("text-[12px]", quiet ? "fill-muted" : "fill-ink")}>
    {children}
  </text>
);

interface ArrowProps {
  from: readonly [number, number];
  to: readonly [number, number];
  quiet?: boolean;
}

export function Arrow({ from: [x1, y1], to: [x2, y2], quiet = false }: ArrowProps) {
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  return (
    <g className={quiet ? "stroke-line-strong" : "stroke-ink"} fill="none" strokeWidth={1.25}>
      <line x1={x1} y1={y1} x2={x2} y2={y2} />
      <path d="M -5 -3.5 L 0 0 L -5 3.5" transform={`translate(${x2} ${y2}) rotate(${angle})`} />
    </g>
  );
}
