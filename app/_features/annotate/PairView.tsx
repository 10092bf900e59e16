"use client";
import { useTranslations } from "next-intl";
import { memo, useMemo } from "react";
import { cx } from "@/app/_ui/cx";
import type { Message } from "@/trainer/contracts/message";
import { AnswerPanel, SeenMark } from "./AnswerPanel";
import type { Side } from "./annotateState";
import type { Pair } from "./outbox";
import { PromptPanel } from "./PromptPanel";
import { useAnswerScroll } from "./useAnswerScroll";
import { wordDiff } from "./wordDiff";

interface Props {
  pair: Pair;
  /** The pair on the page; the next one is drawn beside it, hidden, so that a verdict only has to uncover it. */
  active: boolean;
  linked: boolean;
  /** Both answers as written, with the words marked that only one of them has. */
  diff: boolean;
  /** Whether the prompt is open; undecided, the width of the screen decides. */
  promptOpen: boolean | null;
  onFold: () => void;
  leftSeen: boolean;
  rightSeen: boolean;
  hint: boolean;
  onSeen: (assignmentId: string, side: Side) => void;
}

const sides = ["left", "right"] as const;

const textOf = (messages: readonly Message[]): string => messages.map(({ content }) => content).join("\n\n");

export const PairView = memo(function PairView(props: Props) {
  const { pair, active, linked, diff, promptOpen, onFold, leftSeen, rightSeen, hint, onSeen } = props;
  const t = useTranslations("annotate");
  const parts = useMemo(() => (diff ? wordDiff(textOf(pair.left), textOf(pair.right)) : null), [diff, pair]);
  const scroll = useAnswerScroll({ active, linked, onSeen: (side) => onSeen(pair.assignmentId, side) });
  const seen = { left: leftSeen, right: rightSeen };
  return (
    <div
      hidden={!active}
      data-testid={active ? "pair" : undefined}
      data-assignment={pair.assignmentId}
      className={cx("min-h-0 flex-1 flex-col", active && "flex")}
    >
      <PromptPanel prompt={pair.prompt} active={active} open={promptOpen} onFold={onFold} />
      {diff && !parts ? (
        <p role="status" className="border-b border-line bg-sunken px-4 py-1.5 text-[13px]">
          {t("diff.tooDifferent")}
        </p>
      ) : null}
      <fieldset
        aria-label={t("answers")}
        className="grid shrink-0 grid-cols-2 gap-1 border-b border-line bg-canvas p-1 md:hidden"
      >
        {sides.map((side) => (
          <button
            key={side}
            type="button"
            aria-pressed={scroll.shown === side}
            onClick={() => scroll.show(side)}
            className={cx(
              "flex h-11 min-w-0 items-center justify-center gap-2 rounded-md border font-medium",
              scroll.shown === side ? "border-line-strong bg-surface text-ink" : "border-transparent text-muted",
              hint && !seen[side] && "border-accent",
            )}
          >
            {t(side)}
            <SeenMark seen={seen[side]} wanted={hint} />
          </button>
        ))}
      </fieldset>
      <div
        ref={scroll.row}
        onScroll={scroll.look}
        className="flex min-h-0 flex-1 snap-x snap-mandatory overflow-x-auto overflow-y-hidden overscroll-x-contain md:grid md:grid-cols-2 md:grid-rows-[minmax(0,1fr)] md:gap-3 md:overflow-hidden md:p-3"
      >
        {sides.map((side) => (
          <AnswerPanel
            key={side}
            side={side}
            active={active}
            messages={pair[side]}
            diff={parts?.[side] ?? null}
            seen={seen[side]}
            wanted={hint && !seen[side]}
            scroller={scroll[side]}
            onScroll={scroll.onScroll(side)}
          />
        ))}
      </div>
    </div>
  );
});
