import type { ReactNode } from "react";

/** One number with the sentence that explains it. Belongs into a <dl>. */
export function Stat({ label, value, hint }: { label: ReactNode; value: ReactNode; hint?: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col rounded-md border border-line bg-surface p-4">
      <dt className="text-[13px] text-muted">{label}</dt>
      <dd className="tabular mt-1 text-2xl leading-8 font-semibold tracking-[-0.01em]">{value}</dd>
      {hint ? <dd className="mt-1 text-[13px] text-muted">{hint}</dd> : null}
    </div>
  );
}
