import { ruleWords } from "@/server/domain/demo/warmth";

export interface TextPair {
  readonly promptId: string;
  readonly chosen: string;
  readonly rejected: string;
}

/** 1 when a guess picks the chosen answer, ½ when it cannot tell the two apart. */
export type Guess = (pair: TextPair) => 0 | 0.5 | 1;

const more = (chosen: number, rejected: number) => (chosen > rejected ? 1 : chosen < rejected ? 0 : 0.5);

/** Whichever is longer, or whichever is shorter: what the training pairs say. */
export function lengthGuess(train: readonly TextPair[]): { name: string; guess: Guess } {
  const longer: Guess = ({ chosen, rejected }) => more(chosen.length, rejected.length);
  const share = train.reduce((sum, pair) => sum + longer(pair), 0) / train.length;
  return share >= 0.5
    ? { name: "the longer answer", guess: longer }
    : { name: "the shorter answer", guess: (pair) => (1 - longer(pair)) as 0 | 0.5 | 1 };
}

/** The one word whose presence (or absence) says most about the training pairs. */
export function wordGuess(train: readonly TextPair[]): { name: string; guess: Guess } {
  const balance = new Map<string, number>();
  for (const { chosen, rejected } of train) {
    const [won, lost] = [new Set(ruleWords(chosen)), new Set(ruleWords(rejected))];
    for (const word of won) if (!lost.has(word)) balance.set(word, (balance.get(word) ?? 0) + 1);
    for (const word of lost) if (!won.has(word)) balance.set(word, (balance.get(word) ?? 0) - 1);
  }
  const [word, sign] = [...balance].reduce((best, entry) => (Math.abs(entry[1]) > Math.abs(best[1]) ? entry : best));
  const has = (text: string) => (ruleWords(text).includes(word) ? 1 : 0);
  const guess: Guess = ({ chosen, rejected }) =>
    sign > 0 ? more(has(chosen), has(rejected)) : more(has(rejected), has(chosen));
  return { name: `the answer ${sign > 0 ? "with" : "without"} “${word}”`, guess };
}
