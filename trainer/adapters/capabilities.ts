import type { AdapterConfig } from "../contracts/adapter";
import type { DeltaConfig } from "./bitdelta/bitdelta";

/** What a method promises. tests/numeric/trainer/adapters.test.ts holds each to its row. */
export interface Promises {
  /** Before the first step the model computes the base's numbers; of a base in 4 bits those of what these stand for. */
  readonly startsAsBase: "exactly" | "to rounding" | "no";
  /** Without the adapter the parameters are the base's, so that one copy serves as policy and as reference. */
  readonly offIsBase: boolean;
  /** One set of weights computes what base and adapter compute, to rounding. */
  readonly merges: "into full weights" | "into dequantised weights" | "no";
  readonly obtained: "trained" | "derived";
}

const lowRank: Promises = {
  startsAsBase: "exactly",
  offIsBase: true,
  merges: "into full weights",
  obtained: "trained",
};
const derived: Promises = { startsAsBase: "no", offIsBase: true, merges: "into full weights", obtained: "derived" };
const beforeText: Promises = { startsAsBase: "no", offIsBase: true, merges: "no", obtained: "trained" };

/** The methods that are trained, each with the settings that make it. */
export const trainedMethods = {
  LoRA: { ...lowRank, settings: { method: "lora" } },
  rsLoRA: { ...lowRank, settings: { method: "lora", rankStabilised: true } },
  DoRA: { ...lowRank, startsAsBase: "to rounding", settings: { method: "lora", decomposed: true } },
  PiSSA: { ...lowRank, settings: { method: "lora", initialisation: "pissa" } },
  QLoRA: {
    ...lowRank,
    merges: "into dequantised weights",
    settings: { method: "lora", baseWeights: "nf4" },
  },
  "LoRA+": { ...lowRank, settings: { method: "lora", rateRatio: 16 } },
  "prompt tuning": { ...beforeText, settings: { method: "prompt" } },
  "prompt tuning from a text": { ...beforeText, settings: { method: "prompt", startText: "the cat sat" } },
  "prefix tuning": { ...beforeText, settings: { method: "prefix" } },
  "prefix tuning through a network": { ...beforeText, settings: { method: "prefix", reparametrised: true } },
} as const satisfies Readonly<Record<string, Promises & { readonly settings: Partial<AdapterConfig> }>>;

/** All of them: BitDelta is made of a fine-tuned model. */
export const capabilities = {
  ...trainedMethods,
  BitDelta: { ...derived, settings: { method: "bitdelta" } },
} as const satisfies Readonly<Record<string, Promises & { readonly settings: Partial<AdapterConfig> | DeltaConfig }>>;
