"use client";
import { Flag, MessageSquareText, SkipForward, Undo2 } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { cx } from "@/app/_ui/cx";
import { Kbd } from "@/app/_ui/Kbd";
import type { KeyAction } from "./keys";
import { VerdictButtons } from "./VerdictButtons";
import type { Verdict, VerdictRules } from "./verdicts";

interface Props {
  rules: VerdictRules;
  /** Whether there is a pair to judge. */
  ready: boolean;
  canUndo: boolean;
  /** Which criterion is asked about, when it is not the whole. */
  about: string | undefined;
  reasonOpen: boolean;
  hasReason: boolean;
  act: (action: KeyAction) => void;
}

/** The verdict's steps, symmetrical about the middle, none chosen beforehand; below it what is not a verdict. */
export function VerdictBar({ rules, ready, canUndo, about, reasonOpen, hasReason, act }: Props) {
  const t = useTranslations("annotate");
  const give = (verdict: Verdict) => act({ do: "verdict", verdict });
  return (
    <div className="flex flex-col gap-1">
      {ready ? <VerdictButtons verdictSteps={rules.verdictSteps} about={about} onGive={give} /> : null}
      <div className="grid grid-cols-[1fr_auto_1fr] items-center gap-1">
        <span className="justify-self-start">
          {canUndo ? (
            <PlainAction
              label={t("undo")}
              keyHint="u"
              icon={<Undo2 aria-hidden className="size-4 max-sm:hidden" />}
              onClick={() => act({ do: "undo" })}
            />
          ) : null}
        </span>
        <span>
          {ready && rules.allowBothBad ? (
            <PlainAction label={t("bothBad")} keyHint="b" outlined onClick={() => give("bad")} />
          ) : null}
        </span>
        <span className="flex justify-self-end">
          {ready ? (
            <>
              <PlainAction
                label={t("reason")}
                keyHint="r"
                pressed={reasonOpen || hasReason}
                icon={<MessageSquareText aria-hidden className="size-4 max-sm:hidden" />}
                onClick={() => act({ do: "reason" })}
              />
              <PlainAction
                label={t("report")}
                keyHint="f"
                terse
                icon={<Flag aria-hidden className="size-4" />}
                onClick={() => act({ do: "report" })}
              />
              <PlainAction
                label={t("skip")}
                keyHint="s"
                icon={<SkipForward aria-hidden className="size-4 max-sm:hidden" />}
                onClick={() => act({ do: "skip" })}
              />
            </>
          ) : null}
        </span>
      </div>
    </div>
  );
}

interface ActionProps {
  label: string;
  keyHint: string;
  icon?: ReactNode;
  outlined?: boolean;
  /** On a phone the sign alone. */
  terse?: boolean;
  pressed?: boolean;
  onClick: () => void;
}

/** What is not a verdict on the scale, with its key. */
export function PlainAction({ label, keyHint, icon, outlined = false, terse = false, pressed, onClick }: ActionProps) {
  return (
    <button
      type="button"
      aria-keyshortcuts={keyHint}
      aria-pressed={pressed}
      onClick={onClick}
      className={cx(
        "inline-flex h-9 items-center justify-center gap-1.5 rounded-md border px-2.5 text-[13px] font-medium hover:bg-sunken pointer-coarse:h-11 pointer-coarse:min-w-11",
        outlined ? "border-line-strong/60 bg-surface" : "border-transparent",
        pressed && "bg-sunken",
      )}
    >
      {icon}
      <span className={cx("whitespace-nowrap", terse && "max-sm:sr-only")}>{label}</span>
      <span aria-hidden className="max-[26rem]:hidden pointer-coarse:hidden">
        <Kbd>{keyHint}</Kbd>
      </span>
    </button>
  );
}
