"use client";
import { MessageSquareText, SkipForward, Undo2 } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { cx } from "@/app/_ui/cx";
import { Kbd } from "@/app/_ui/Kbd";
import type { KeyAction } from "./keys";
import { type Verdict, type VerdictRules, verdictChoices, verdictWord } from "./verdicts";

const keyNames: Readonly<Record<string, string>> = { ArrowLeft: "←", ArrowRight: "→" };
export const keyName = (key: string): string => keyNames[key] ?? key;

/** A mark that needs no language where seven words do not fit: as many arrows as the step is strong. */
const marks = ["‹‹‹", "‹‹", "‹", "=", "›", "››", "›››"];

interface Props {
  rules: VerdictRules;
  /** Whether there is a pair to judge. */
  ready: boolean;
  canUndo: boolean;
  reasonOpen: boolean;
  hasReason: boolean;
  act: (action: KeyAction) => void;
}

/** The verdict's steps, symmetrical about the middle, none chosen beforehand; below it what is not a verdict. */
export function VerdictBar({ rules, ready, canUndo, reasonOpen, hasReason, act }: Props) {
  const t = useTranslations("annotate");
  const choices = verdictChoices(rules.verdictSteps);
  const give = (verdict: Verdict) => act({ do: "verdict", verdict });
  return (
    <div className="flex flex-col gap-1">
      {ready ? (
        <fieldset
          aria-label={t("verdict")}
          className={cx(
            "mx-auto grid w-full gap-1 md:gap-2",
            choices.length === 7 ? "max-w-[1100px] grid-cols-7" : "max-w-2xl",
            choices.length === 3 && "grid-cols-3",
            choices.length === 2 && "grid-cols-2",
          )}
        >
          {choices.map(({ verdict, keys }) => (
            <button
              key={verdict}
              type="button"
              aria-label={t(`words.${verdictWord(verdict)}`)}
              aria-keyshortcuts={keys.join(" ")}
              data-verdict={verdict}
              onClick={() => give(verdict)}
              className="flex h-14 min-w-0 flex-col items-center justify-center gap-0.5 rounded-md border border-line-strong/60 bg-surface px-1 text-center font-medium transition-colors hover:border-line-strong hover:bg-sunken active:bg-line"
            >
              {choices.length === 7 ? (
                <span aria-hidden className="font-mono text-base leading-5 lg:hidden">
                  {marks[verdict + 3]}
                </span>
              ) : null}
              <span className={cx("text-[13px] leading-4", choices.length === 7 && "max-lg:hidden")}>
                {t(`short.${verdictWord(verdict)}`)}
              </span>
              <span aria-hidden className="flex gap-1 pointer-coarse:hidden">
                {keys.map((key) => (
                  <Kbd key={key}>{keyName(key)}</Kbd>
                ))}
              </span>
            </button>
          ))}
        </fieldset>
      ) : null}
      {ready && choices.length === 7 ? (
        <p aria-hidden className="flex justify-between px-1 text-[12px] text-muted lg:hidden">
          <span>{t("leftEnd")}</span>
          <span>{t("rightEnd")}</span>
        </p>
      ) : null}
      <div className="grid grid-cols-[1fr_auto_1fr] items-center gap-1">
        <span className="justify-self-start">
          {canUndo ? (
            <Action
              label={t("undo")}
              keyHint="u"
              icon={<Undo2 aria-hidden className="size-4 max-sm:hidden" />}
              onClick={() => act({ do: "undo" })}
            />
          ) : null}
        </span>
        <span>
          {ready && rules.allowBothBad ? (
            <Action label={t("bothBad")} keyHint="b" outlined onClick={() => give("bad")} />
          ) : null}
        </span>
        <span className="flex justify-self-end">
          {ready ? (
            <>
              <Action
                label={t("reason")}
                keyHint="r"
                pressed={reasonOpen || hasReason}
                icon={<MessageSquareText aria-hidden className="size-4 max-sm:hidden" />}
                onClick={() => act({ do: "reason" })}
              />
              <Action
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
  pressed?: boolean;
  onClick: () => void;
}

function Action({ label, keyHint, icon, outlined = false, pressed, onClick }: ActionProps) {
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
      {label}
      <span aria-hidden className="pointer-coarse:hidden">
        <Kbd>{keyHint}</Kbd>
      </span>
    </button>
  );
}
