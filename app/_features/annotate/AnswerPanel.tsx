"use client";
import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import type { RefObject } from "react";
import { cx } from "@/app/_ui/cx";
import { Messages } from "@/app/_ui/Messages";
import type { Message } from "@/trainer/contracts/message";
import type { Side } from "./annotateState";
import { DiffText } from "./DiffText";
import type { DiffPart } from "./wordDiff";

interface Props {
  side: Side;
  active: boolean;
  messages: readonly Message[];
  /** The text against the other answer's, while that is asked for. */
  diff: readonly DiffPart[] | null;
  seen: boolean;
  /** A verdict was tried before this answer was seen to its end. */
  wanted: boolean;
  scroller: RefObject<HTMLElement | null>;
  onScroll: () => void;
}

/** One answer. Both are drawn by these same lines: nothing but the name tells them apart. */
export function AnswerPanel({ side, active, messages, diff, seen, wanted, scroller, onScroll }: Props) {
  const t = useTranslations("annotate");
  return (
    <section
      aria-label={t(side)}
      data-testid={active ? `answer-${side}` : undefined}
      data-seen={seen}
      className={cx(
        "flex min-h-0 w-full shrink-0 snap-start flex-col overflow-hidden border bg-surface md:rounded-md",
        wanted ? "border-accent ring-1 ring-accent" : "border-line",
      )}
    >
      <h2 className="flex h-8 shrink-0 items-center justify-between gap-2 border-b border-line px-4 text-[13px] font-medium text-muted max-md:hidden">
        {t(side)}
        <SeenMark seen={seen} wanted={wanted} />
      </h2>
      <section
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an area that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t("answerText", { side: t(side) })}
        onScroll={onScroll}
        className="min-h-0 flex-1 overflow-y-auto overscroll-y-contain px-4 py-3 -outline-offset-2"
      >
        {diff ? <DiffText parts={diff} /> : <Messages messages={messages} />}
      </section>
    </section>
  );
}

export function SeenMark({ seen, wanted }: { seen: boolean; wanted: boolean }) {
  const t = useTranslations("annotate");
  if (seen) {
    return (
      <span className="inline-flex items-center gap-1 text-[12px] font-normal">
        <Check aria-hidden className="size-3.5" />
        {t("seen")}
      </span>
    );
  }
  return wanted ? <span className="text-[12px] font-medium text-accent">{t("scrollOn")}</span> : null;
}
