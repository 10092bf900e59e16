"use client";
import { CircleCheck, CircleDot, CircleDotDashed } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { Button } from "@/app/_ui/Button";
import { SafeMarkdown } from "@/app/_ui/SafeMarkdown";
import type { Match } from "@/server/domain/reference";
import { verdictWord } from "./verdicts";

interface Said {
  readonly verdict: number | null;
  readonly bothBad: boolean;
}

interface Props {
  match: Match;
  said: Said;
  right: Said & { readonly why: string };
  /** The last one that is asked for. */
  last: boolean;
  agreed: number;
  done: number;
  pending: boolean;
  onGoOn: () => void;
}

const icons = { same: CircleCheck, near: CircleDot, other: CircleDotDashed } as const;

/** After a practice verdict: whether it agrees, what is right, and why. The pair stays above it. */
export function PracticeFeedback({ match, said, right, last, agreed, done, pending, onGoOn }: Props) {
  const t = useTranslations("guidelines.practice");
  const words = useTranslations("annotate.words");
  const word = ({ verdict, bothBad }: Said) => words(verdictWord(bothBad ? "bad" : (verdict ?? 0)));
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  const Icon = icons[match];
  return (
    <div className="mx-auto flex w-full max-w-[1100px] flex-col gap-2 py-2" data-testid="feedback" data-match={match}>
      <div role="status" className="max-h-[34dvh] overflow-y-auto">
        <p className="flex items-center gap-2 font-semibold">
          <Icon aria-hidden className="size-5 shrink-0 text-muted" />
          {t(`match.${match}`)}
        </p>
        <p className="mt-1">
          {t("said", { verdict: word(said) })}{" "}
          <span className="font-medium">{t("right", { verdict: word(right) })}</span>
        </p>
        <SafeMarkdown className="mt-1">{right.why}</SafeMarkdown>
      </div>
      <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
        <p className="tabular mr-auto text-[13px] text-muted">{t("agreed", { agreed, done })}</p>
        <Button ref={button} variant="primary" pending={pending} onClick={onGoOn}>
          {t(last ? "start" : "next")}
        </Button>
      </div>
    </div>
  );
}
