import { warmthLexicon } from "@/server/domain/demo/warmth";
import { presetConfig } from "@/trainer/contracts/preset";
import type { RunConfigInput, SnapshotRunKind } from "@/trainer/contracts/runConfig";

/** A policy on the frontier: how it is made, and the family that its line connects. */
export interface Policy {
  readonly id: string;
  readonly family: string;
  readonly label: string;
  /** Null for best-of-N, which trains nothing. */
  readonly config: ((where: Where) => RunConfigInput) | null;
  /** Candidates of best-of-N; 1: the base model itself. */
  readonly candidates?: number;
}

interface Where {
  readonly baseModel: string;
  readonly dataset: string;
  readonly output: string;
  readonly pairs: number;
  readonly rewardModel: string;
  readonly seed: number;
}

/** With the preset that the page chooses by itself; of weights the last, so that every policy has had all of its steps. */
const trained =
  (
    kind: SnapshotRunKind,
    settings: Record<string, number | string> = {},
    more: (where: Where) => object = () => ({}),
  ) =>
  ({ baseModel, dataset, output, pairs, seed, ...rest }: Where) =>
    ({
      ...presetConfig(kind, "balanced", pairs, { seed, keep: "last", ...settings }),
      baseModel,
      dataset,
      output,
      samplePrompts: 0,
      ...more({ baseModel, dataset, output, pairs, seed, ...rest }),
    }) as RunConfigInput;

const byModel = ({ rewardModel }: Where) => ({ reward: rewardModel, judge: warmthLexicon });
const byRule = () => ({ reward: warmthLexicon });

export const policies: readonly Policy[] = [
  { id: "base", family: "base", label: "starter", config: null, candidates: 1 },
  ...[4, 16].map((n) => ({
    id: `best-of-${n}`,
    family: "best of N",
    label: `N ${n}`,
    config: null,
    candidates: n,
  })),
  { id: "sft", family: "SFT", label: "SFT on chosen", config: trained("sft") },
  ...[5, 1, 0.1, 0.05].map((beta) => ({
    id: `dpo-${beta}`,
    family: "DPO",
    label: `β ${beta}`,
    config: trained("dpo", { beta }),
  })),
  { id: "simpo", family: "SimPO", label: "SimPO", config: trained("dpo", { loss: "simpo" }) },
  ...[0.2, 0.05, 0.02].map((klCoefficient) => ({
    id: `ppo-${klCoefficient}`,
    family: "PPO",
    label: `β ${klCoefficient}`,
    config: trained("ppo", { klCoefficient }, byModel),
  })),
  {
    id: "ppo-rule",
    family: "PPO, true reward",
    label: "β 0.05",
    config: trained("ppo", { klCoefficient: 0.05 }, byRule),
  },
  { id: "grpo", family: "GRPO", label: "β 0.04", config: trained("grpo", {}, byModel) },
  { id: "rloo", family: "RLOO", label: "β 0.05", config: trained("rloo", {}, byModel) },
];
