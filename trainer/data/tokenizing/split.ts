import { z } from "zod";
import { splitWords, toByteChars } from "./bytes";
import { patternSchema, regexOf } from "./normalise";
import { type Component, flattened, settings, unknownComponent } from "./schema";

/** A part of a text. */
export interface Piece {
  readonly text: string;
  /** The text begins with it. */
  readonly first: boolean;
  /** It goes on from text before the whole: nothing is put in front. */
  readonly continues: boolean;
}

type Split = (piece: Piece) => Piece[];

const behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"] as const;
type Behavior = (typeof behaviors)[number];

interface Span {
  readonly text: string;
  readonly match: boolean;
}

/** A text as the parts that match and those between them. */
function spansOf(text: string, regex: RegExp, invert: boolean): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(regex)) {
    if (found === "") continue;
    if (index > end) spans.push({ text: text.slice(end, index), match: invert });
    spans.push({ text: found, match: !invert });
    end = index + found.length;
  }
  if (end < text.length) spans.push({ text: text.slice(end), match: invert });
  return spans;
}

/** Puts each match that does not follow a match to the part before it. */
function mergedWithPrevious(spans: readonly Span[], join: (before: string, match: string) => string): string[] {
  const parts: string[] = [];
  spans.forEach(({ text, match }, i) => {
    const before = parts.at(-1);
    if (match && !spans[i - 1]?.match && before !== undefined) parts[parts.length - 1] = join(before, text);
    else parts.push(text);
  });
  return parts;
}

function arranged(spans: readonly Span[], behavior: Behavior): string[] {
  switch (behavior) {
    case "Isolated":
      return spans.map((span) => span.text);
    case "Removed":
      return spans.filter((span) => !span.match).map((span) => span.text);
    case "MergedWithPrevious":
      return mergedWithPrevious(spans, (before, match) => before + match);
    case "MergedWithNext":
      return mergedWithPrevious([...spans].reverse(), (after, match) => match + after).reverse();
    case "Contiguous": {
      const parts: string[] = [];
      spans.forEach(({ text, match }, i) => {
        if (i > 0 && spans[i - 1]?.match === match) parts[parts.length - 1] += text;
        else parts.push(text);
      });
      return parts;
    }
  }
}

/** The piece cut into parts: the first stands where it stood. */
const cut = (piece: Piece, parts: readonly string[]): Piece[] =>
  parts
    .filter((text) => text !== "")
    .map((text, i) => ({ text, first: piece.first && i === 0, continues: piece.continues && i === 0 }));

const splitBy =
  (regex: RegExp, behavior: Behavior, invert = false): Split =>
  (piece) =>
    cut(piece, arranged(spansOf(piece.text, regex, invert), behavior));

const digits = /\p{N}/gu;
const punctuation = /[!-/:-@[-`{-~\p{P}]/gu;
const spaces = /\p{White_Space}/gu;
const wordsAndSymbols = /[\p{L}\p{M}\p{N}\p{Pc}]+|[^\p{L}\p{M}\p{N}\p{Pc}\p{White_Space}]+/gu;

const byteLevelSchema = z.object({ add_prefix_space: z.boolean().default(true), use_regex: z.boolean().default(true) });

const prefixed = ({ text, continues }: Piece, prefix: string): string =>
  continues || text.startsWith(prefix) ? text : prefix + text;

function byteLevel(component: Component): Split {
  const { add_prefix_space: prefix, use_regex: regex } = settings(component, byteLevelSchema);
  return (piece) => {
    const text = prefix ? prefixed(piece, " ") : piece.text;
    const parts = regex ? splitWords(text) : [text];
    return cut(
      piece,
      parts.map((part) => toByteChars(part).join("")),
    );
  };
}

const metaspaceSchema = z.object({
  replacement: z.string().min(1).default("▁"),
  prepend_scheme: z.enum(["always", "first", "never"]).optional(),
  add_prefix_space: z.boolean().optional(),
  split: z.boolean().default(true),
});

function metaspace(component: Component): Split {
  const { replacement, split, ...c } = settings(component, metaspaceSchema);
  const scheme = c.prepend_scheme ?? (c.add_prefix_space === false ? "never" : "always");
  const regex = regexOf({ String: replacement });
  return (piece) => {
    const text = piece.text.replaceAll(" ", replacement);
    const prefix = scheme === "always" || (scheme === "first" && piece.first);
    const whole = { ...piece, text: prefix ? prefixed({ ...piece, text }, replacement) : text };
    return split ? splitBy(regex, "MergedWithNext")(whole) : cut(piece, [whole.text]);
  };
}

const splitSchema = z.object({
  pattern: patternSchema,
  behavior: z.enum(behaviors),
  invert: z.boolean().default(false),
});

function stepOf(component: Component): Split {
  switch (component.type) {
    case "ByteLevel":
      return byteLevel(component);
    case "Metaspace":
      return metaspace(component);
    case "Split": {
      const { pattern, behavior, invert } = settings(component, splitSchema);
      return splitBy(regexOf(pattern), behavior, invert);
    }
    case "Digits": {
      const { individual_digits: individual } = settings(
        component,
        z.object({ individual_digits: z.boolean().default(false) }),
      );
      return splitBy(digits, individual ? "Isolated" : "Contiguous");
    }
    case "Punctuation": {
      const { behavior } = settings(component, z.object({ behavior: z.enum(behaviors).default("Isolated") }));
      return splitBy(punctuation, behavior);
    }
    case "WhitespaceSplit":
      return splitBy(spaces, "Removed");
    case "Whitespace":
      return splitBy(wordsAndSymbols, "Removed", true);
    default:
      throw unknownComponent("pre-tokeniser", component);
  }
}

/** Cuts a text into words as tokenizer.json's pre-tokeniser does, byte-level ones written in GPT-2's characters. */
export function splitterOf(component: Component | null | undefined): (piece: Piece) => string[] {
  const steps = flattened(component, "pretokenizers").map(stepOf);
  return (piece) => {
    const pieces = steps.reduce(
      (parts, step) => parts.flatMap(step),
      [piece].filter(({ text }) => text !== ""),
    );
    return pieces.map(({ text }) => text);
  };
}
