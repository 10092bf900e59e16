import { diffArrays } from "diff";

/** A stretch of one answer's text; `only` where the other answer has no such words there. */
export interface DiffPart {
  readonly text: string;
  readonly only: boolean;
}

/** Words, spaces and single signs. A Han, kana or Thai character counts as a word: those scripts put no spaces. */
const tokens =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{M}\p{N}_])+|\s+|[^\p{L}\p{M}\p{N}_\s]/gu;

/** Answers that have this little in common are not compared for longer. */
const longestMs = 500;

/** Neighbours of a kind become one; a space between two stretches that differ differs with them. */
function joined(parts: readonly DiffPart[]): DiffPart[] {
  const bridged = parts.map((part, i) => ({
    text: part.text,
    only: part.only || (/^\s+$/.test(part.text) && parts[i - 1]?.only === true && parts[i + 1]?.only === true),
  }));
  const found: DiffPart[] = [];
  for (const part of bridged) {
    const last = found.at(-1);
    if (last?.only === part.only) found[found.length - 1] = { text: last.text + part.text, only: last.only };
    else found.push(part);
  }
  return found;
}

/**
 * Both texts in stretches by whether the other has them too (a shortest edit script, Myers 1986). The stretches of a side
 * put together are its text. Null when the texts differ too much to be compared in half a second.
 */
export function wordDiff(left: string, right: string): { left: DiffPart[]; right: DiffPart[] } | null {
  const changes = diffArrays(left.match(tokens) ?? [], right.match(tokens) ?? [], { timeout: longestMs });
  if (!changes) return null;
  const side = (others: "added" | "removed", own: "added" | "removed") =>
    joined(changes.filter((c) => !c[others]).map((c) => ({ text: c.value.join(""), only: c[own] })));
  return { left: side("added", "removed"), right: side("removed", "added") };
}
