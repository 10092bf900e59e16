"use client";
import { useTranslations } from "next-intl";
import { cx } from "@/app/_ui/cx";
import { Kbd } from "@/app/_ui/Kbd";
import { verdictChoices, verdictWord } from "./verdicts";

const keyNames: Readonly<Record<string, string>> = { ArrowLeft: "←", ArrowRight: "→" };
export const keyName = (key: string): string => keyNames[key] ?? key;

/** A mark that needs no language where seven words do not fit: as many arrows as the step is strong. */
const marks = ["‹‹‹", "‹‹", "‹", "=", "›", "››", "›››"];

interface Props {
  verdictSteps: number;
  /** What the verdict is about when it is not the whole. */
  about?: string | undefined;
  /** Keys are shown only where they work. */
  withKeys?: boolean;
  chosen?: number | null;
  onGive: (verdict: number) => void;
}

/** The verdict's steps, symmetrical about the middle, none chosen beforehand. */
export function VerdictButtons({ verdictSteps, about, withKeys = true, chosen = null, onGive }: Props) {
  const t = useTranslations("annotate");
  const choices = verdictChoices(verdictSteps);
  const name = (verdict: number) => t(`words.${verdictWord(verdict)}`);
  return (
    <>
      <fieldset
        aria-label={about ?? t("verdict")}
        className={cx(
          "mx-auto grid w-full md:gap-2",
          choices.length === 7 ? "max-w-[1100px] grid-cols-7 gap-0.5 min-[25rem]:gap-1" : "max-w-2xl gap-1",
          choices.length === 3 && "grid-cols-3",
          choices.length === 2 && "grid-cols-2",
        )}
      >
        {choices.map(({ verdict, keys }) => (
          <button
            key={verdict}
            type="button"
            aria-label={about === undefined ? name(verdict) : t("criteria.verdict", { about, verdict: name(verdict) })}
            aria-keyshortcuts={withKeys ? keys.join(" ") : undefined}
            aria-pressed={chosen === null ? undefined : chosen === verdict}
            data-verdict={verdict}
            onClick={() => onGive(verdict)}
            className="flex h-14 min-w-0 flex-col items-center justify-center gap-0.5 rounded-md border border-line-strong/60 bg-surface px-1 text-center font-medium transition-colors hover:border-line-strong hover:bg-sunken active:bg-line aria-pressed:border-accent aria-pressed:bg-accent-soft"
          >
            {choices.length === 7 ? (
              <span aria-hidden className={cx("font-mono text-base leading-5", withKeys && "lg:hidden")}>
                {marks[verdict + 3]}
              </span>
            ) : null}
            <span
              className={cx("text-[13px] leading-4", choices.length === 7 && (withKeys ? "max-lg:hidden" : "hidden"))}
            >
              {t(`short.${verdictWord(verdict)}`)}
            </span>
            {withKeys ? (
              <span aria-hidden className="flex gap-1 pointer-coarse:hidden">
                {keys.map((key) => (
                  <Kbd key={key}>{keyName(key)}</Kbd>
                ))}
              </span>
            ) : null}
          </button>
        ))}
      </fieldset>
      {choices.length === 7 ? (
        <p aria-hidden className={cx("flex justify-between px-1 text-[12px] text-muted", withKeys && "lg:hidden")}>
          <span>{t("leftEnd")}</span>
          <span>{t("rightEnd")}</span>
        </p>
      ) : null}
    </>
  );
}
