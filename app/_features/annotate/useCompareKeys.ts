"use client";
import { useEffect, useRef } from "react";
import { type KeyAction, keyAction } from "./keys";
import type { VerdictRules } from "./verdicts";

const fields = "input, textarea, select, [contenteditable=true], [role=dialog], [role=menu], [role=listbox]";

/** Keys of the whole page, and of the numbered choices while these stand open. Marked as handled, so that an arrow key does not also move something else. */
export function useCompareKeys(rules: VerdictRules, choices: number, act: (action: KeyAction) => void): void {
  const latest = useRef({ rules, choices, act });
  useEffect(() => {
    latest.current = { rules, choices, act };
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const typing = event.target instanceof Element && event.target.closest(fields) !== null;
      const { key, code, shiftKey, repeat, ctrlKey, metaKey, altKey, isComposing } = event;
      const press = { key, code, shiftKey, repeat, ctrlKey, metaKey, altKey, isComposing, typing };
      const action = keyAction(press, latest.current.rules, latest.current.choices);
      if (!action) return;
      if (action.do !== "close") event.preventDefault();
      latest.current.act(action);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
