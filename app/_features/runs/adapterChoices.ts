import {
  type AdapterKind,
  adapterKindOf,
  adapterKinds,
  adapterOf,
  kindPaths,
  settingsOfKind,
} from "@/trainer/contracts/adapterKinds";
import type { ModelShape } from "@/trainer/contracts/modelShape";
import type { PresetConfig } from "@/trainer/contracts/preset";
import type { Settings } from "@/trainer/contracts/settings";
import { type CostBatch, charactersPerToken, type TrainingCost, trainingCost } from "@/trainer/contracts/trainingCost";
import type { SettingTexts } from "./runForm";

/** Characters of an average prompt and answer. */
interface TextLengths {
  readonly prompt: number;
  readonly answer: number;
}

interface Situation {
  readonly config: PresetConfig;
  readonly settings: Settings;
  readonly shape: ModelShape;
  readonly lengths: TextLengths;
}

/** What a step of the run computes at once, in tokens of this model as its vocabulary lets one guess. */
export function batchOf({ config, shape, lengths }: Omit<Situation, "settings">): CostBatch {
  const { batchSize, microBatchSize = batchSize, maxLength, execution } = config;
  const perToken = charactersPerToken(shape.vocabSize);
  const promptTokens = Math.min(maxLength, lengths.prompt / perToken);
  const own = "maxNewTokens" in config ? config.maxNewTokens : undefined;
  const answerTokens = Math.min(maxLength - promptTokens, own ?? lengths.answer / perToken);
  return {
    examples: Math.min(batchSize, microBatchSize),
    promptTokens,
    answerTokens,
    recompute: execution?.recompute === true,
  };
}

/** What each way to train would take in this run; of the settings those that are no part of the way stay. */
export function adapterCosts(situation: Situation): Readonly<Record<AdapterKind, TrainingCost>> {
  const { config, settings, shape } = situation;
  const batch = batchOf(situation);
  const own = Object.fromEntries(Object.entries(settings).filter(([path]) => !kindPaths.includes(path)));
  const costs = adapterKinds.map((kind) => {
    const adapter = adapterOf({ ...own, ...settingsOfKind(kind) });
    return [kind, trainingCost(shape, { kind: config.kind, adapter }, batch)] as const;
  });
  return Object.fromEntries(costs) as Record<AdapterKind, TrainingCost>;
}

/** The way that the settings come to, and what it takes. */
export function chosenAdapter(situation: Situation): { readonly kind: AdapterKind; readonly cost: TrainingCost } {
  const adapter = adapterOf(situation.settings);
  const request = { kind: situation.config.kind, adapter };
  return { kind: adapterKindOf(adapter), cost: trainingCost(situation.shape, request, batchOf(situation)) };
}

/** The texts with another way to train: what was typed beside it stays. */
export function withAdapterKind(texts: SettingTexts, kind: AdapterKind): SettingTexts {
  const others = Object.entries(texts).filter(([path]) => !kindPaths.includes(path));
  const own = Object.entries(settingsOfKind(kind)).map(([path, value]) => [path, String(value)]);
  return Object.fromEntries([...others, ...own]);
}

export interface AdapterAdvice {
  readonly kind: AdapterKind;
  readonly why: "small" | "large" | "memory";
}

/** Above so many parameters a step takes seconds on a processor. */
const largeModel = 50_000_000;

/**
 * All weights where they are few and leave half of the machine's memory free: that goes furthest and merges nothing. Else LoRA,
 * which is nearly as good and the most widely read.
 */
export function recommendAdapter(
  costs: Readonly<Record<AdapterKind, TrainingCost>>,
  { parameters }: Pick<ModelShape, "parameters">,
  machineBytes: number,
): AdapterAdvice {
  if (costs.full.memoryBytes > machineBytes / 2) return { kind: "lora", why: "memory" };
  return parameters > largeModel ? { kind: "lora", why: "large" } : { kind: "full", why: "small" };
}
