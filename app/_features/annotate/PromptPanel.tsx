"use client";
import { ChevronDown, ChevronUp } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useId, useRef, useState } from "react";
import { cx } from "@/app/_ui/cx";
import { Kbd } from "@/app/_ui/Kbd";
import { Messages } from "@/app/_ui/Messages";
import type { Message } from "@/trainer/contracts/message";

/** Two lines; of a conversation, the first two lines of its last turn. */
const folded =
  "max-h-14 overflow-hidden [&>div>:last-child>p:first-child]:hidden [&>div>:not(:last-child)]:hidden [&>div>:last-child]:border-none [&>div>:last-child]:pl-0";
const foldedOnPhone =
  "max-md:max-h-14 max-md:overflow-hidden max-md:[&>div>:last-child>p:first-child]:hidden max-md:[&>div>:not(:last-child)]:hidden max-md:[&>div>:last-child]:border-none max-md:[&>div>:last-child]:pl-0 md:max-h-[33dvh] md:overflow-y-auto";

interface Props {
  prompt: readonly Message[];
  active: boolean;
  /** Undecided, the screen's width decides (by CSS: no jump after the first paint). */
  open: boolean | null;
  onFold: () => void;
}

/** The prompt: open on a wide screen up to a third of the height, folded to two lines on a phone. */
export function PromptPanel({ prompt, active, open, onFold }: Props) {
  const t = useTranslations("annotate");
  const id = useId();
  const [fits, setFits] = useState(false);
  const body = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = body.current;
    if (!active || !element || open !== null) return;
    const measure = () =>
      setFits(prompt.length === 1 && element.clientHeight < 72 && element.scrollHeight <= element.clientHeight + 10);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [active, open, prompt.length]);
  // Of a long conversation the last turn is the one that the answers answer; what went before is a scroll away.
  useEffect(() => {
    if (active && prompt.length > 1 && body.current) body.current.scrollTop = body.current.scrollHeight;
  }, [active, prompt.length]);
  const Icon = open === false ? ChevronDown : ChevronUp;
  return (
    <section aria-label={t("prompt")} className="relative flex shrink-0 border-b border-line bg-canvas">
      <section
        id={id}
        ref={body}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an area that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t("promptText")}
        data-testid={active ? "prompt" : undefined}
        className={cx(
          "min-w-0 flex-1 px-4 py-2 -outline-offset-2",
          open === null && foldedOnPhone,
          open === true && "max-h-[33dvh] overflow-y-auto",
          open === false && folded,
        )}
      >
        <Messages messages={prompt} />
      </section>
      {fits ? null : (
        <button
          type="button"
          aria-controls={id}
          aria-label={t("foldPrompt")}
          aria-keyshortcuts="p"
          onClick={onFold}
          className="flex w-11 shrink-0 flex-col items-center gap-1 pt-3 text-muted hover:bg-sunken hover:text-ink"
        >
          <Icon aria-hidden className={cx("size-4", open === null && "max-md:rotate-180")} />
          <span aria-hidden className="leading-none pointer-coarse:hidden">
            <Kbd>p</Kbd>
          </span>
        </button>
      )}
    </section>
  );
}
