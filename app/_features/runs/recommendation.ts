import type { PresetConfig, PresetName } from "@/trainer/contracts/preset";

/** What a preset comes to with this model and data. */
export interface PresetPlan {
  readonly name: PresetName;
  readonly config: Pick<PresetConfig, "batchSize">;
  readonly steps: number;
  /** Examples in the training split: pairs, or answers for KTO. */
  readonly examples: number;
  readonly estimatedSeconds: number | null;
}

export interface Recommendation {
  readonly name: PresetName;
  readonly why: "enough" | "large" | "slow" | "unknown";
  /** How often the run sees each example, rounded. */
  readonly rounds: number;
}

/** More than somebody who has just begun wants to wait. */
const longestSeconds = 3600;
/** Above so many parameters a step takes seconds on a processor: nobody should start a long run before a short one told how long. */
const largeModel = 50_000_000;
/** Once through the data is the least a run can do; what it saw once it has not learned yet. */
const roundsWanted = 2;

/**
 * Which preset is right for this model and data: the shortest that sees each example about twice, if it ends within an hour;
 * the shortest of all for a large model of which no run was timed yet. Plans come from the shortest to the longest.
 */
export function recommendPreset(plans: readonly PresetPlan[], parameters: number): Recommendation | null {
  const [shortest] = plans;
  if (!shortest) return null;
  const rounds = ({ steps, config, examples }: PresetPlan) => (steps * config.batchSize) / Math.max(1, examples);
  const say = (plan: PresetPlan, why: Recommendation["why"]): Recommendation => ({
    name: plan.name,
    why,
    rounds: Math.max(1, Math.round(rounds(plan))),
  });
  if (parameters > largeModel && plans.every((plan) => plan.estimatedSeconds === null)) return say(shortest, "unknown");
  const inTime = plans.filter((plan) => (plan.estimatedSeconds ?? 0) <= longestSeconds);
  const enough = plans.findIndex((plan) => rounds(plan) >= roundsWanted * 0.95);
  const wanted = plans[enough] ?? (plans.at(-1) as PresetPlan);
  if (!inTime.includes(wanted)) return say(inTime.at(-1) ?? shortest, "slow");
  return say(wanted, wanted === plans.at(-1) ? "large" : "enough");
}
