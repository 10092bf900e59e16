import type { ReactNode } from "react";

interface Props {
  icon?: ReactNode;
  title: ReactNode;
  /** What this place is for and what to do next. */
  children?: ReactNode;
  /** One button. */
  action?: ReactNode;
}

export function EmptyState({ icon, title, children, action }: Props) {
  return (
    <div className="flex flex-col items-center rounded-md border border-dashed border-line-strong/60 px-4 py-12 text-center">
      {icon ? (
        <span aria-hidden className="mb-3 text-muted [&>svg]:size-8 [&>svg]:stroke-[1.5]">
          {icon}
        </span>
      ) : null}
      <h2 className="text-base font-semibold">{title}</h2>
      {children ? <div className="mt-1 max-w-[56ch] text-muted">{children}</div> : null}
      {action ? <div className="mt-5">{action}</div> : null}
    </div>
  );
}
