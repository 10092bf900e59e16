"use client";
import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";
import { controlClass } from "./controlClass";
import { cx } from "./cx";

interface SelectItem<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly hint?: string;
  readonly disabled?: boolean;
}

interface Props<V extends string> {
  value: V | null;
  onChange: (value: V) => void;
  items: readonly SelectItem<V>[];
  placeholder?: string;
  /** Needed where no Field names it. */
  label?: string;
  disabled?: boolean;
  className?: string;
}

export function Select<V extends string>({
  value,
  onChange,
  items,
  placeholder,
  label,
  disabled,
  className,
}: Props<V>) {
  return (
    <Base.Root
      items={items.map((item) => ({ value: item.value, label: item.label }))}
      value={value}
      onValueChange={(next) => {
        if (next !== null) onChange(next as V);
      }}
      disabled={disabled}
    >
      <Base.Trigger
        aria-label={label}
        className={cx(
          controlClass,
          "flex h-9 items-center justify-between gap-2 text-start pointer-coarse:h-11",
          className,
        )}
      >
        <Base.Value placeholder={placeholder} className="min-w-0 truncate data-placeholder:text-muted" />
        <Base.Icon>
          <ChevronsUpDown aria-hidden className="size-4 text-muted" />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50">
          <Base.Popup className="max-h-(--available-height) max-w-[min(36rem,calc(100vw-16px))] min-w-(--anchor-width) overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-md outline-none">
            {items.map((item) => (
              <Base.Item
                key={item.value}
                value={item.value}
                disabled={item.disabled}
                className="grid cursor-default grid-cols-[1rem_1fr] items-start gap-2 rounded-sm px-2 py-1.5 outline-none select-none data-disabled:opacity-50 data-highlighted:bg-accent-soft pointer-coarse:min-h-11 pointer-coarse:items-center"
              >
                <Base.ItemIndicator className="col-start-1 pt-0.5">
                  <Check aria-hidden className="size-4" />
                </Base.ItemIndicator>
                <span className="col-start-2 min-w-0">
                  <Base.ItemText className="block break-words">{item.label}</Base.ItemText>
                  {item.hint ? <span className="block text-[13px] text-muted">{item.hint}</span> : null}
                </span>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
