"use client";
import { useTranslations } from "next-intl";
import { cx } from "@/app/_ui/cx";
import { type AnnotateState, connectionOf } from "./annotateState";
import { unsentVotes } from "./outbox";
import { verdictWord } from "./verdicts";

type Line = { readonly text: string; readonly strong: boolean };

/** The one line above the verdicts: what just happened or stands in the way. Always there, so nothing moves. */
export function StatusLine({ state }: { state: AnnotateState }) {
  const line = useLine(state);
  return (
    <p
      role="status"
      data-testid="status"
      className={cx(
        "flex min-h-10 items-center justify-center text-center text-[13px] leading-5 md:min-h-7",
        line?.strong ? "font-medium text-ink" : "text-muted",
      )}
    >
      {line?.text}
    </p>
  );
}

function useLine(state: AnnotateState): Line | null {
  const t = useTranslations("annotate");
  const { hint, seen, notice, toast, earlier } = state;
  const connection = connectionOf(state);
  if (hint) {
    const missing = !seen.left && !seen.right ? "both" : seen.left ? "right" : "left";
    return { text: t(`hint.${missing}`), strong: true };
  }
  if (notice) return { text: t(`notice.${notice.kind}`), strong: true };
  const waiting = Math.max(0, unsentVotes(state.outbox));
  if (connection === "offline" || connection === "retrying") {
    return { text: t(`connectionLine.${connection}`, { count: waiting }), strong: true };
  }
  if (toast) {
    const verdict = toast.verdict === null ? "" : t(`words.${verdictWord(toast.verdict)}`);
    return { text: t(`toast.${toast.kind}`, { verdict }), strong: false };
  }
  if (earlier !== null) return { text: t("earlier", { verdict: t(`words.${verdictWord(earlier)}`) }), strong: false };
  return null;
}
