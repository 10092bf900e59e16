import { type Verdict, type VerdictRules, verdictChoices } from "./verdicts";

export type KeyAction =
  | { readonly do: "verdict"; readonly verdict: Verdict }
  /** One of the numbered choices that stand open, from 0. */
  | { readonly do: "choose"; readonly at: number }
  | { readonly do: (typeof letters)[keyof typeof letters] | "close" };

interface KeyPress {
  readonly key: string;
  /** The key's place: on a French keyboard the digits need Shift, and a bare press of that key means them here. */
  readonly code: string;
  readonly shiftKey: boolean;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly isComposing: boolean;
  /** Whether the focus is in a field, or in something with arrow keys of its own. */
  readonly typing: boolean;
}

const letters = {
  u: "undo",
  s: "skip",
  r: "reason",
  g: "guidelines",
  h: "history",
  d: "diff",
  l: "link",
  p: "prompt",
  o: "stock",
  f: "report",
  "?": "help",
} as const;

/**
 * What a key press means, or null. Keys that scroll (up, down, page, space, home, end) mean nothing here; nor does a key
 * held down, one with Ctrl, Alt or ⌘, or one typed into a field. Escape alone works everywhere. While numbered choices
 * stand open (`choices` of them) digits choose among these and no key gives a verdict.
 */
export function keyAction(press: KeyPress, rules: VerdictRules, choices = 0): KeyAction | null {
  if (press.repeat || press.ctrlKey || press.metaKey || press.altKey || press.isComposing) return null;
  if (press.key === "Escape") return { do: "close" };
  if (press.typing) return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const digit = press.shiftKey ? undefined : (/^Digit(\d)$/.exec(press.code)?.[1] ?? /^\d$/.exec(key)?.[0]);
  if (choices > 0) {
    const at = Number(/^\d$/.exec(key)?.[0] ?? digit) - 1;
    if (at >= 0 && at < choices) return { do: "choose", at };
  }
  const verdicts = choices > 0 ? [] : verdictChoices(rules.verdictSteps);
  const choice = verdicts.find((candidate) => candidate.keys.includes(key));
  if (choice) return { do: "verdict", verdict: choice.verdict };
  if (key === "b") return choices === 0 && rules.allowBothBad ? { do: "verdict", verdict: "bad" } : null;
  const action = Object.hasOwn(letters, key) ? letters[key as keyof typeof letters] : undefined;
  if (action) return { do: action };
  const placed = verdicts.find((candidate) => digit !== undefined && candidate.keys.includes(digit));
  return placed ? { do: "verdict", verdict: placed.verdict } : null;
}
