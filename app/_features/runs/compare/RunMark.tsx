import { cx } from "@/app/_ui/cx";
import { letterOf } from "./runChoice";

const colours = ["bg-chart-1", "bg-chart-2", "bg-chart-3", "bg-chart-4"] as const;

/** A compared run's letter in the colour of its curves. */
export function RunMark({ index }: { index: number }) {
  return (
    <span className="inline-flex items-center gap-1.5 font-semibold text-ink">
      <span aria-hidden className={cx("h-[3px] w-4 shrink-0 rounded-full", colours[index % colours.length])} />
      {letterOf(index)}
    </span>
  );
}
