/** Two answers side by side: the mark, and the name unless there is no room. */
export function Logo({ compact = false }: { compact?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2 align-middle text-[15px] font-semibold tracking-[-0.01em]">
      <svg aria-hidden viewBox="0 0 32 32" className="size-6 shrink-0">
        <rect width="32" height="32" rx="8" className="fill-accent" />
        <rect x="6" y="9" width="8" height="14" rx="2" className="fill-on-accent" />
        <rect x="18" y="9" width="8" height="14" rx="2" className="fill-on-accent" fillOpacity={0.6} />
      </svg>
      {compact ? null : "Tiebreak"}
    </span>
  );
}
