"use client";
import { useTranslations } from "next-intl";
import { cx } from "@/app/_ui/cx";
import type { AnnotateState, Connection } from "./annotateState";
import { unsentVotes } from "./outbox";
import { verdictWord } from "./verdicts";

type Line = { readonly text: string; readonly strong: boolean };

/** The one line above the verdicts: what just happened or stands in the way. Always there, so nothing moves. */
export function StatusLine({ state, connection }: { state: AnnotateState; connection: Connection }) {
  const line = useLine(state, connection);
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

function useLine(state: AnnotateState, connection: Connection): Line | null {
  const t = useTranslations("annotate");
  const { hint, seen, notice, toast, earlier } = state;
  if (hint) {
    const missing = !seen.left && !seen.right ? "both" : seen.left ? "right" : "left";
    return { text: t(`hint.${missing}`), strong: true };
  }
  if (notice) return { text: t(`notice.${notice.kind}`), strong: true };
  const waiting = Math.max(0, unsentVotes(state.outbox));
  if (connection === "offline" || connection === "retrying") {
    return { text: t(`connectionLine.${connection}`, { count: waiting }), strong: true };
  }
  // "Saved" is said of what the server has, or will have in a moment.
  const unconfirmed = connection === "saving" || connection === "stopped";
  if (toast) {
    const verdict = toast.verdict === null ? "" : t(`words.${verdictWord(toast.verdict)}`);
    const kind = toast.kind === "saved" && unconfirmed ? "sending" : toast.kind;
    return { text: t(`toast.${kind}`, { verdict }), strong: false };
  }
  if (earlier !== null) return { text: t("earlier", { verdict: t(`words.${verdictWord(earlier)}`) }), strong: false };
  return null;
}
