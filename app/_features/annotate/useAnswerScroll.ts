"use client";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { Side } from "./annotateState";
import { endInView, linkedTop, scrollStep } from "./seen";

interface Options {
  readonly active: boolean;
  readonly linked: boolean;
  readonly onSeen: (side: Side) => void;
}

const otherSide = (side: Side): Side => (side === "left" ? "right" : "left");

/** An answer of the phone's swiped row counts as shown once more than half of it is on the screen. */
function onScreen(panel: HTMLElement, row: HTMLElement): boolean {
  const [a, b] = [panel.getBoundingClientRect(), row.getBoundingClientRect()];
  return Math.min(a.right, b.right) - Math.max(a.left, b.left) > a.width / 2;
}

/** Scrolling of the two answers: which was seen to its end, both linked by choice, and keys when neither has the focus. */
export function useAnswerScroll({ active, linked, onSeen }: Options) {
  const row = useRef<HTMLDivElement>(null);
  const left = useRef<HTMLElement>(null);
  const right = useRef<HTMLElement>(null);
  const followed = useRef<Side | null>(null);
  const [shown, setShown] = useState<Side>("left");
  const seenBy = useRef(onSeen);
  useEffect(() => {
    seenBy.current = onSeen;
  });

  const look = useCallback(() => {
    const frame = row.current;
    if (!frame) return;
    for (const [side, ref] of [
      ["left", left],
      ["right", right],
    ] as const) {
      if (!ref.current || !onScreen(ref.current, frame)) continue;
      if (endInView(ref.current)) seenBy.current(side);
    }
    setShown(right.current && !(left.current && onScreen(left.current, frame)) ? "right" : "left");
  }, []);

  useEffect(() => {
    if (!active) return;
    const observer = new ResizeObserver(look);
    for (const ref of [left, right]) {
      if (!ref.current) continue;
      observer.observe(ref.current);
      if (ref.current.firstElementChild) observer.observe(ref.current.firstElementChild);
    }
    look();
    return () => observer.disconnect();
  }, [active, look]);

  useEffect(() => {
    if (!active) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.activeElement !== document.body && document.activeElement?.id !== "content") return;
      const step = scrollStep(event.key, event.shiftKey, left.current?.clientHeight ?? 0);
      if (step === null) return;
      event.preventDefault();
      for (const ref of [left, right]) ref.current?.scrollBy({ top: step });
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [active]);

  const onScroll = (side: Side) => () => {
    look();
    const refs: Record<Side, RefObject<HTMLElement | null>> = { left, right };
    const [from, to] = [refs[side].current, refs[otherSide(side)].current];
    if (followed.current === side) {
      followed.current = null;
      return;
    }
    if (!linked || !from || !to) return;
    const top = linkedTop(from, to);
    if (Math.abs(top - to.scrollTop) < 1) return;
    followed.current = otherSide(side);
    to.scrollTop = top;
  };

  const show = (side: Side) => {
    const target = side === "left" ? 0 : (row.current?.scrollWidth ?? 0);
    row.current?.scrollTo({ left: target, behavior: "smooth" });
  };

  return { row, left, right, shown, look, onScroll, show };
}
