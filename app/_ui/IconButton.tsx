"use client";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx";
import { Tooltip } from "./Tooltip";

interface Props extends Omit<ComponentProps<"button">, "children"> {
  /** Says what it does: read aloud, and shown on hover and focus. */
  label: string;
  icon: ReactNode;
}

export function IconButton({ label, icon, className, ...rest }: Props) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={cx(
          "inline-flex size-9 shrink-0 items-center justify-center rounded-md text-muted transition-colors hover:bg-sunken hover:text-ink disabled:opacity-50 pointer-coarse:size-11",
          className,
        )}
      >
        {icon}
      </button>
    </Tooltip>
  );
}
