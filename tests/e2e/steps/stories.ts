/** A row with two answers as a file brings it in. */
export interface StoryRow {
  readonly id: string;
  readonly prompt: string;
  readonly response_a: string;
  readonly response_b: string;
  readonly model_a: string;
  readonly model_b: string;
}

const animals = ["fox", "owl", "bear", "frog", "mouse", "horse", "goose", "whale"];
const colours = ["red", "blue", "green", "grey", "white"];

/** Names that no annotator may ever receive. */
export const modelNames = ["kindly-7b-instruct", "gloomy-3b-base"];

/** The word by which whoever judges tells the better answer. */
export const better = "happy";

/** Up to 40 pairs: one answer ends well, the other does not; which of them the file puts first alternates. */
export function stories(count: number): StoryRow[] {
  return Array.from({ length: count }, (_, i) => {
    const animal = `${colours[i % colours.length]} ${animals[i % animals.length]}`;
    const good = {
      text: `The ${animal} found a friend. They were ${better} and they played all day.`,
      model: modelNames[0],
    };
    const bad = { text: `The ${animal} lost the way. It was dark, and nobody came to help.`, model: modelNames[1] };
    const [a, b] = i % 2 === 0 ? [good, bad] : [bad, good];
    return {
      id: `story-${i}`,
      prompt: `Tell me a short story about a ${animal}.`,
      response_a: a.text,
      response_b: b.text,
      model_a: a.model ?? "",
      model_b: b.model ?? "",
    };
  });
}
