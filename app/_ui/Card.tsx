import type { ReactNode } from "react";
import { cx } from "./cx";

interface Props {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** No padding around the content, for tables that reach the border. */
  flush?: boolean;
  className?: string;
  children?: ReactNode;
}

export function Card({ title, description, actions, flush = false, className, children }: Props) {
  return (
    <section className={cx("min-w-0 rounded-md border border-line bg-surface", className)}>
      {title || actions ? (
        <header
          className={cx(
            "flex flex-wrap justify-between gap-x-4 gap-y-2 px-4 pt-4 sm:px-5",
            description ? "items-start" : "items-center",
            flush && "border-b border-line pb-3",
          )}
        >
          <div className="min-w-0 flex-1 basis-60">
            <h2 className="text-[15px] font-semibold">{title}</h2>
            {description ? <p className="mt-0.5 max-w-[72ch] text-muted">{description}</p> : null}
          </div>
          {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
        </header>
      ) : null}
      <div className={flush ? undefined : "p-4 sm:p-5"}>{children}</div>
    </section>
  );
}
