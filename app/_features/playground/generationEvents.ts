import type { GenerationEvent } from "@/db/schema/runs";

export interface Answer {
  readonly text: string;
  readonly end: { readonly reason: "stop" | "length"; readonly tokens: number; readonly seconds: number } | null;
  readonly score: number | null;
}

export interface GenerationView {
  readonly lastSeq: number;
  readonly answers: Readonly<Record<string, Answer>>;
  readonly failure: string | null;
  readonly done: boolean;
}

export const emptyGeneration: GenerationView = { lastSeq: -1, answers: {}, failure: null, done: false };
export const emptyAnswer: Answer = { text: "", end: null, score: null };

/** Adds one event; an event seen before changes nothing, so a replay doubles no text. */
export function foldGeneration(view: GenerationView, seq: number, event: GenerationEvent): GenerationView {
  if (seq <= view.lastSeq) return view;
  const next = { ...view, lastSeq: seq };
  switch (event.type) {
    case "text":
      return withAnswer(next, event.modelId, (answer) => ({ ...answer, text: answer.text + event.text }));
    case "end": {
      const { reason, tokens, seconds } = event;
      return withAnswer(next, event.modelId, (answer) => ({ ...answer, end: { reason, tokens, seconds } }));
    }
    case "score":
      return withAnswer(next, event.modelId, (answer) => ({ ...answer, score: event.score }));
    case "failed":
      return { ...next, failure: event.message, done: true };
    case "done":
      return { ...next, done: true };
  }
}

function withAnswer(view: GenerationView, modelId: string, change: (answer: Answer) => Answer): GenerationView {
  return { ...view, answers: { ...view.answers, [modelId]: change(view.answers[modelId] ?? emptyAnswer) } };
}

export interface Preferred {
  readonly modelId: string;
  readonly difference: number;
  /** What a Bradley–Terry reward model says of the best answer against the second: σ(difference). */
  readonly probability: number;
}

/** The best-scored answer against the next one; null until two scores are there. */
export function preferred(view: GenerationView): Preferred | null {
  const scored = Object.entries(view.answers)
    .flatMap(([modelId, { score }]) => (score === null ? [] : [{ modelId, score }]))
    .sort((a, b) => b.score - a.score);
  const [best, second] = scored;
  if (!best || !second) return null;
  const difference = best.score - second.score;
  return { modelId: best.modelId, difference, probability: 1 / (1 + Math.exp(-difference)) };
}
