import type { Lexicon } from "@/trainer/contracts/online";

/**
 * The rule that labels the demo's pairs in place of people: how warmly a piece of story reads. Words of joy, love, help
 * and thanks count for it, words of fear, anger and harm against it. It is no measure of quality; it is a taste that a
 * reader can check and a small model can learn.
 */
const warmWords = new Set(
  `beautiful brave cared cheered cheerful cozy delicious delighted enjoy enjoyed excited forgave forgive friend friendly
  friends fun gentle gently giggled glad grateful happily happiness happy help helped helpful helping hope hug hugged
  hugging hugs joy kind kindness kiss kissed laugh laughed laughing laughs laughter lovely love loved loves loving nice
  peaceful pleased praised pretty proud safe safely share shared sharing smile smiled smiles smiling special sweet thank
  thanked thankful thanks together warm wonderful yummy`.split(/\s+/),
);
const coldWords = new Set(
  `afraid alone angrily angry ashamed bad bit break broke broken cold cried cries cry crying danger dangerous dark dead
  destroyed disappointed embarrassed fear fell fight fighting fought frowned frustrated guilty hate hated hit hungry hurt
  hurting hurts jealous lonely lost loud mad mean mess messy monster naughty nervous pain poor punished rude ruined sad
  sadly scare scared scary scream screamed selfish shouted sick sorry stole stuck tears terrible tired trouble ugly
  unhappy upset weak worried worry wrong yell yelled`.split(/\s+/),
);

/** Shorter texts are measured as if they had so many words: one kind word is no masterpiece. */
const fewestWords = 20;

export interface Warmth {
  /** 100 · (warm − cold) / max(words, 20). */
  readonly score: number;
  /** Different warm and cold words; a word said twice counts once. */
  readonly warm: number;
  readonly cold: number;
  readonly words: number;
}

/** A text's words as the rule sees them: runs of letters and apostrophes, in lower case. */
export const ruleWords = (text: string): string[] => text.toLowerCase().match(/[a-z]+(?:'[a-z]+)*/g) ?? [];

export function warmthOf(text: string): Warmth {
  const words = ruleWords(text);
  const different = [...new Set(words)];
  const warm = different.filter((word) => warmWords.has(word)).length;
  const cold = different.filter((word) => coldWords.has(word)).length;
  return { score: (100 * (warm - cold)) / Math.max(words.length, fewestWords), warm, cold, words: words.length };
}

/** The same rule as a reward for training, in points for ten words: numbers of the size that methods are made for. */
export const warmthLexicon: Lexicon = {
  kind: "lexicon",
  weights: Object.fromEntries([
    ...[...warmWords].map((word) => [word, 1] as const),
    ...[...coldWords].map((word) => [word, -1] as const),
  ]),
  perWords: 10,
  fewestWords,
};

/** Differences in warmth from which on a verdict is slight, clear and strong. Below the first two texts are as warm. */
const steps = [4, 8, 14];

/** The rule's verdict, −3 … +3; negative prefers a, 0 says that the two are as warm as each other. */
export function warmthVerdict(a: string, b: string): number {
  const difference = warmthOf(b).score - warmthOf(a).score;
  const strength = steps.filter((step) => Math.abs(difference) >= step).length;
  return difference < 0 ? -strength : strength;
}
