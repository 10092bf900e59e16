import { type Sampling, samplingSchema } from "@/trainer/contracts/inference";

/** What a person can set; top-k stays at "all". */
export const samplingFields = ["maxTokens", "temperature", "topP", "seed"] as const;
export type SamplingField = (typeof samplingFields)[number];
export type SamplingText = Readonly<Record<SamplingField, string>>;
export type SamplingChoice = Pick<Sampling, SamplingField>;

/** Ends that can be told to a person: the contract's own, without its open or endless ones. */
export const samplingBounds: Readonly<Record<SamplingField, readonly [min: number, max: number]>> = {
  maxTokens: [1, 2048],
  temperature: [0, 5],
  topP: [0.01, 1],
  seed: [0, 2 ** 31 - 1],
};

const usual = samplingSchema.parse({});
export const usualSampling: SamplingText = {
  maxTokens: String(usual.maxTokens),
  temperature: String(usual.temperature),
  topP: String(usual.topP),
  seed: String(usual.seed),
};

export const isWhole = (field: SamplingField): boolean => field === "maxTokens" || field === "seed";

/** The numbers, or the fields whose text is not a number within bounds. */
export function parseSampling(
  text: SamplingText,
): { readonly sampling: SamplingChoice } | { readonly wrong: readonly SamplingField[] } {
  const wrong = samplingFields.filter((field) => {
    const value = Number(text[field]);
    const [min, max] = samplingBounds[field];
    return text[field].trim() === "" || !(value >= min && value <= max) || (isWhole(field) && !Number.isInteger(value));
  });
  if (wrong.length > 0) return { wrong };
  const numbers = Object.fromEntries(samplingFields.map((field) => [field, Number(text[field])]));
  return { sampling: numbers as unknown as SamplingChoice };
}
