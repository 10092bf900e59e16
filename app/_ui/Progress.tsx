import { cx } from "./cx";

interface Props {
  value: number;
  max: number;
  /** What is progressing, for those who cannot see the bar. */
  label: string;
  className?: string;
}

export function Progress({ value, max, label, className }: Props) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.max(max, 1)}
      aria-valuenow={Math.min(value, Math.max(max, 1))}
      className={cx("h-2 overflow-hidden rounded-full bg-line/80", className)}
    >
      <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${share * 100}%` }} />
    </div>
  );
}
