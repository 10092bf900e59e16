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

/** What became of a stretch of the text before on the way to the text after. */
export interface Change {
  readonly text: string;
  readonly kind: "same" | "removed" | "added";
}

/** A shortest edit script by words (Myers 1986). Null when the texts differ too much to be compared in half a second. */
export function wordChanges(before: string, after: string): Change[] | null {
  const changes = diffArrays(before.match(tokens) ?? [], after.match(tokens) ?? [], { timeout: longestMs });
  return (
    changes?.map(({ value, added, removed }) => ({
      text: value.join(""),
      kind: added ? "added" : removed ? "removed" : "same",
    })) ?? null
  );
}

/**
 * Both texts in stretches by whether the other has them too. The stretches of a side put together are its text. Null when
 * the texts differ too much.
 */
export function wordDiff(left: string, right: string): { left: DiffPart[]; right: DiffPart[] } | null {
  const changes = wordChanges(left, right);
  if (!changes) return null;
  const side = (others: Change["kind"], own: Change["kind"]) =>
    joined(changes.filter(({ kind }) => kind !== others).map(({ text, kind }) => ({ text, only: kind === own })));
  return { left: side("added", "removed"), right: side("removed", "added") };
}
