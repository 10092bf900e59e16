import type { ReactNode } from "react";

/** The one thing on a page outside the projects. */
export function AuthCard({ title, lead, children }: { title: ReactNode; lead?: ReactNode; children: ReactNode }) {
  return (
    <div className="rounded-xl border border-line bg-surface p-5 sm:p-7">
      <h1 className="text-xl leading-7 font-semibold tracking-[-0.01em] break-words">{title}</h1>
      {lead ? <div className="mt-1.5 text-muted">{lead}</div> : null}
      <div className="mt-5 flex flex-col gap-4">{children}</div>
    </div>
  );
}
