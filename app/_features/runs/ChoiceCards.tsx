"use client";
import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { type ReactNode, useId } from "react";
import { cx } from "@/app/_ui/cx";

interface Choice<V extends string> {
  readonly value: V;
  readonly title: ReactNode;
  readonly children: ReactNode;
}

interface Props<V extends string> {
  label: string;
  value: V;
  onChange: (value: V) => void;
  choices: readonly Choice<V>[];
}

/** A few choices that need a sentence each: one card for each, arrow keys move between them. */
export function ChoiceCards<V extends string>({ label, value, onChange, choices }: Props<V>) {
  const id = useId();
  return (
    <div>
      <p id={id} className="mb-1.5 font-medium">
        {label}
      </p>
      <RadioGroup
        aria-labelledby={id}
        value={value}
        onValueChange={(next) => onChange(next as V)}
        className={cx("grid gap-3", choices.length === 3 ? "sm:grid-cols-3" : "sm:grid-cols-2")}
      >
        {choices.map((choice) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: Base UI's radio holds the hidden input
          <label
            key={choice.value}
            className={cx(
              "flex cursor-pointer items-start gap-3 rounded-md border p-3 transition-colors",
              choice.value === value ? "border-accent bg-accent-soft" : "border-line bg-surface hover:bg-sunken",
            )}
          >
            <Radio.Root
              value={choice.value}
              className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface data-checked:border-accent"
            >
              <Radio.Indicator className="size-2 rounded-full bg-accent" />
            </Radio.Root>
            <span className="min-w-0">
              <span className="block font-medium">{choice.title}</span>
              {choice.children}
            </span>
          </label>
        ))}
      </RadioGroup>
    </div>
  );
}
