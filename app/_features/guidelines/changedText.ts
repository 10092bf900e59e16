import type { Guidelines, ReferencePair } from "@/server/domain/reference";
import { type Change, wordChanges } from "../annotate/wordDiff";

/** Characters of an unchanged stretch that are shown beside what has changed. */
const context = 240;

/** A version as one text, so that texts and examples are compared alike. */
export function plainText(
  { text, examples }: Pick<Guidelines, "text" | "examples">,
  name: (pair: ReferencePair, at: number) => { readonly title: string; readonly verdict: string },
): string {
  const said = (messages: ReferencePair["prompt"]) => messages.map(({ content }) => content).join("\n\n");
  const parts = examples.map((pair, at) => {
    const { title, verdict } = name(pair, at);
    return [title, said(pair.prompt), said(pair.a), said(pair.b), `${verdict} ${pair.why}`].join("\n\n");
  });
  return [text.trim(), ...parts].join("\n\n\n");
}

/** Shortens what has not changed to what stands beside a change; `null` marks where something was left out. */
export function withoutTheSame(changes: readonly Change[]): (Change | null)[] {
  return changes.flatMap((change, at): (Change | null)[] => {
    const { kind, text } = change;
    if (kind !== "same" || text.length <= 2 * context) return [change];
    const [first, last] = [at === 0, at === changes.length - 1];
    const head = first ? [] : [{ kind, text: text.slice(0, context) }];
    const tail = last ? [] : [{ kind, text: text.slice(-context) }];
    return [...head, null, ...tail];
  });
}

/** What changed from one version to the other, or null when they have too little in common to be compared. */
export function changedText(before: string, after: string): (Change | null)[] | null {
  const changes = wordChanges(before, after);
  return changes && withoutTheSame(changes);
}
