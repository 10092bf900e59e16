import { cx } from "./cx";

/** Stands where something will be, at its size, so that nothing jumps when it comes. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx("skeleton block h-4 rounded-sm bg-line/70", className)} />;
}
