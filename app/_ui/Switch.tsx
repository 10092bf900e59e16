"use client";
import { Switch as Base } from "@base-ui/react/switch";
import type { ReactNode } from "react";

interface Props {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: ReactNode;
  hint?: ReactNode;
  disabled?: boolean;
}

/** A setting that is on or off, with its own label beside it. */
export function Switch({ checked, onChange, label, hint, disabled }: Props) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: Base UI's switch holds the hidden checkbox
    <label className="flex min-h-9 items-start gap-3 py-1 pointer-coarse:min-h-11">
      <Base.Root
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        className="relative mt-0.5 h-5 w-9 shrink-0 rounded-full border border-line-strong bg-sunken transition-colors data-checked:border-accent data-checked:bg-accent data-disabled:opacity-50"
      >
        <Base.Thumb className="absolute top-[2px] left-[2px] size-3.5 rounded-full bg-line-strong transition-transform data-checked:translate-x-4 data-checked:bg-on-accent" />
      </Base.Root>
      <span className="min-w-0">
        <span className="block font-medium">{label}</span>
        {hint ? <span className="block max-w-[72ch] text-[13px] text-muted">{hint}</span> : null}
      </span>
    </label>
  );
}
