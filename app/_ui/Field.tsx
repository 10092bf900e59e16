"use client";
import { Field as Base } from "@base-ui/react/field";
import type { ReactNode } from "react";
import { cx } from "./cx";

interface Props {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with the value; shown under it and read aloud. */
  error?: ReactNode;
  optional?: ReactNode;
  className?: string;
  /** One Input, Textarea, Select or Switch; the label and the hint find it by themselves. */
  children: ReactNode;
}

export function Field({ label, hint, error, optional, className, children }: Props) {
  return (
    <Base.Root invalid={Boolean(error)} className={cx("flex min-w-0 flex-col gap-1.5", className)}>
      <Base.Label className="font-medium">
        {label}
        {optional ? <span className="ml-1.5 font-normal text-muted">{optional}</span> : null}
      </Base.Label>
      {children}
      {hint ? <Base.Description className="max-w-[72ch] text-[13px] text-muted">{hint}</Base.Description> : null}
      <Base.Error match={Boolean(error)} className="text-[13px] font-medium text-danger">
        {error}
      </Base.Error>
    </Base.Root>
  );
}
