import type { ImportRow, Pairing } from "./mapping";

/** One of n responses to a prompt. `score`: more is better; NaN when nothing is known. */
export interface Candidate {
  readonly text: unknown;
  readonly model: unknown;
  readonly score: number;
  /** How good it is in one respect or another, by name. */
  readonly attributes: Readonly<Record<string, number>>;
}

export const defaultPairing: Pairing = { rule: "all", minGap: 0, strength: "sign" };

type Two = readonly [number, number];

/** Which two become pairs, by their places in the file's order, the earlier first. */
function choose(candidates: readonly Candidate[], { rule }: Pairing): Two[] {
  const inOrder = (i: number, j: number): Two => (i < j ? [i, j] : [j, i]);
  const places = candidates.map((_, i) => i);
  if (rule === "all") return places.flatMap((i) => places.slice(i + 1).map((j): Two => [i, j]));
  const scored = places.filter((i) => !Number.isNaN((candidates[i] as Candidate).score));
  // Equal scores stay in the file's order, so the same file always makes the same pairs.
  const ranked = scored.toSorted((i, j) => (candidates[j] as Candidate).score - (candidates[i] as Candidate).score);
  const [best] = ranked;
  if (best === undefined || ranked.length < 2) return [];
  if (rule === "best_worst") return [inOrder(best, ranked.at(-1) as number)];
  if (rule === "best_rest") return ranked.slice(1).map((other) => inOrder(best, other));
  return ranked.slice(1).map((lower, i) => inOrder(ranked[i] as number, lower));
}

const clip = (value: number): number => Math.max(-3, Math.min(3, Math.round(value))) + 0;

/** The first one's and the second one's, as a verdict: negative prefers the first. */
function verdictOf(a: Candidate, b: Candidate, { strength }: Pairing): number | null {
  const gap = b.score - a.score;
  if (Number.isNaN(gap)) return null;
  if (strength === "sign") return 2 * Math.sign(gap) + 0;
  // A difference below one half is still one.
  return gap === 0 ? 0 : clip(gap) || Math.sign(gap);
}

/**
 * The pairs that a rule makes of n responses, as flat rows with `response_a`, `response_b`, `model_a`, `model_b`,
 * `preference` (a verdict, null where no score tells) and `criteria` (differences of the attributes both have).
 */
export function pairRows(candidates: readonly Candidate[], rest: ImportRow, pairing: Pairing): ImportRow[] {
  return choose(candidates, pairing).flatMap(([i, j]) => {
    const [a, b] = [candidates[i] as Candidate, candidates[j] as Candidate];
    // The same words twice are nothing to compare.
    if (a.text === b.text || Math.abs(a.score - b.score) < pairing.minGap) return [];
    const { id } = rest;
    const shared = Object.keys(a.attributes).filter((name) => name in b.attributes);
    const criteria = shared.map((name) => [
      name,
      clip((b.attributes[name] as number) - (a.attributes[name] as number)),
    ]);
    return [
      {
        ...rest,
        ...(typeof id === "string" || typeof id === "number" ? { id: `${id}#${i + 1}-${j + 1}` } : {}),
        response_a: a.text,
        response_b: b.text,
        model_a: a.model ?? null,
        model_b: b.model ?? null,
        preference: verdictOf(a, b, pairing),
        ...(shared.length > 0 ? { criteria: Object.fromEntries(criteria) } : {}),
      },
    ];
  });
}

/** HelpSteer's and UltraFeedback's respects in which a response may be better. */
export const attributeNames = [
  "helpfulness",
  "correctness",
  "coherence",
  "complexity",
  "verbosity",
  "honesty",
  "truthfulness",
  "instruction_following",
] as const;

export const numberOf = (value: unknown): number =>
  typeof value === "string" ? Number(value.trim() || Number.NaN) : typeof value === "number" ? value : Number.NaN;

export const attributesOf = (row: ImportRow): Record<string, number> =>
  Object.fromEntries(
    attributeNames.map((name) => [name, numberOf(row[name])] as const).filter(([, value]) => !Number.isNaN(value)),
  );
