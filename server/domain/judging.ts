/** How a project asks: what a verdict may be, and what else has to be said with it. */
export interface JudgingRules {
  /** Two (left or right), three (or equal) or seven (how much). */
  readonly verdictSteps: number;
  readonly allowBothBad: boolean;
  readonly reasonRequired: boolean;
  /** Reasons to choose from; none means that people write their own. */
  readonly reasonChoices: readonly string[];
  /** What is judged besides the whole, by name; each on the same steps. */
  readonly criteria: readonly string[];
}

export const verdictStepChoices = [2, 3, 7] as const;
export const mostCriteria = 6;
export const mostReasonChoices = 9;
/** Characters of a criterion's name and of a reason to choose. */
export const longestCriterion = 40;
export const longestReasonChoice = 120;

const steps: Readonly<Record<number, readonly number[]>> = { 2: [-2, 2], 3: [-2, 0, 2], 7: [-3, -2, -1, 0, 1, 2, 3] };

/** The verdicts of a scale, far left to far right. With few steps "better" is the middle of its side of the seven. */
export const verdictsOf = (verdictSteps: number): readonly number[] => steps[verdictSteps] ?? (steps[7] as number[]);

/** What somebody says about a pair. Verdicts by position or in stored order: the rules are the same both ways round. */
export interface Said {
  readonly verdict: number | null;
  readonly bothBad: boolean;
  readonly reason: string | null;
  readonly criteria: Readonly<Record<string, number>>;
}

export interface Breach {
  readonly field: "verdict" | "bothBad" | "reason" | "criteria";
  readonly problem: string;
}

/** What of this the project does not ask for or asks for in vain, or null. Criteria are wanted with every verdict, not where both are bad. */
export function breachOf({ verdict, bothBad, reason, criteria }: Said, rules: JudgingRules): Breach | null {
  const allowed = verdictsOf(rules.verdictSteps);
  if (bothBad && !rules.allowBothBad) return { field: "bothBad", problem: "this project does not offer it" };
  if (verdict !== null && !allowed.includes(verdict)) {
    return { field: "verdict", problem: `this project takes ${allowed.join(", ")}` };
  }
  if (reason === null && rules.reasonRequired) return { field: "reason", problem: "this project asks for one" };
  if (reason !== null && rules.reasonChoices.length > 0 && !rules.reasonChoices.includes(reason)) {
    return { field: "reason", problem: "is none of those that this project offers" };
  }
  for (const [name, value] of Object.entries(criteria)) {
    if (!rules.criteria.includes(name)) return { field: "criteria", problem: `this project has no "${name}"` };
    if (!allowed.includes(value))
      return { field: "criteria", problem: `${name}: this project takes ${allowed.join(", ")}` };
  }
  const missing = bothBad ? undefined : rules.criteria.find((name) => !Object.hasOwn(criteria, name));
  return missing === undefined ? null : { field: "criteria", problem: `"${missing}" is missing` };
}

/** What may be wrong with a pair, for whoever looks after the data. */
export const problemKinds = ["broken", "harmful", "private", "duplicate", "other"] as const;
export type ProblemKind = (typeof problemKinds)[number];

/** Why a pair was passed on. Kept as these words; the page says them in its language. */
export const skipReasons = ["unsure", "topic", "language", "broken"] as const;
export type SkipReason = (typeof skipReasons)[number];
