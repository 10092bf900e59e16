"use client";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useRef } from "react";
import { IconButton } from "@/app/_ui/IconButton";
import { Kbd } from "@/app/_ui/Kbd";

interface Props {
  title: string;
  /** Numbered from 1: the digit keys choose them. */
  choices: readonly string[];
  /** The one that is chosen already. */
  chosen?: string;
  onChoose: (at: number) => void;
  onClose: () => void;
  /** What may be written along. */
  children?: ReactNode;
  /** What may be done instead of choosing. */
  instead?: ReactNode;
}

/** Numbered choices above the verdicts: why, what is wrong. */
export function ChoicePanel({ title, choices, chosen, onChoose, onClose, children, instead }: Props) {
  const t = useTranslations("annotate");
  const panel = useRef<HTMLFieldSetElement>(null);
  // Read aloud when it opens; the keys work wherever the focus is.
  useEffect(() => panel.current?.focus(), []);
  return (
    <fieldset
      ref={panel}
      tabIndex={-1}
      aria-label={title}
      className="mx-auto flex w-full max-w-[1100px] flex-col gap-2 pb-2 outline-none"
    >
      <div className="flex items-center justify-between gap-2">
        <p className="font-medium">{title}</p>
        <IconButton label={t("choices.close")} icon={<X aria-hidden className="size-4" />} onClick={onClose} />
      </div>
      {children}
      <div className="flex max-h-[30dvh] flex-wrap gap-2 overflow-y-auto p-0.5">
        {choices.map((choice, at) => (
          <button
            key={choice}
            type="button"
            aria-keyshortcuts={String(at + 1)}
            aria-pressed={chosen === undefined ? undefined : chosen === choice}
            onClick={() => onChoose(at)}
            className="inline-flex min-h-9 items-center gap-2 rounded-md border border-line-strong/60 bg-surface px-3 text-start hover:bg-sunken aria-pressed:border-accent aria-pressed:bg-accent-soft pointer-coarse:min-h-11"
          >
            <span aria-hidden className="pointer-coarse:hidden">
              <Kbd>{at + 1}</Kbd>
            </span>
            {choice}
          </button>
        ))}
        {instead}
      </div>
    </fieldset>
  );
}
