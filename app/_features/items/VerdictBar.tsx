import { verdictBar } from "./verdict";

/** The verdict as a bar from the middle towards the preferred answer; the words beside it say the same. */
export function VerdictBar({ verdict }: { verdict: number }) {
  const { from, width } = verdictBar(verdict);
  return (
    <span aria-hidden className="relative block h-3 w-30 shrink-0 rounded-sm border border-line bg-sunken">
      {[1, 2, 4, 5].map((sixth) => (
        <span key={sixth} className="absolute inset-y-0 w-px bg-line" style={{ left: `${(sixth / 6) * 100}%` }} />
      ))}
      <span className="absolute inset-y-0 bg-chart-1" style={{ left: `${from}%`, width: `${width}%` }} />
      <span className="absolute -inset-y-0.5 left-1/2 w-0.5 -translate-x-1/2 rounded-full bg-ink" />
    </span>
  );
}
