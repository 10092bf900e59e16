import type { ReactNode } from "react";

/** What the worker says of work that it could not do, in its own words. */
export function FailureNote({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <div role="alert" className="rounded-md border border-danger/40 bg-danger-soft p-3">
      <p className="font-medium">{title}</p>
      <p className="mt-0.5 break-words">{children}</p>
    </div>
  );
}
