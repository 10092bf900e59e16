import {
  type JudgingRules,
  longestCriterion,
  longestReasonChoice,
  mostCriteria,
  mostReasonChoices,
} from "@/server/domain/judging";

/** What the settings page changes, as the project has it. */
export interface ProjectSettings extends Omit<JudgingRules, "criteria" | "reasonChoices"> {
  readonly criteria: string[];
  readonly reasonChoices: string[];
  readonly name: string;
  readonly description: string;
  readonly overlap: number;
  readonly leaseSeconds: number;
  readonly changeMinutes: number;
}

/** The page's fields: numbers as typed, minutes where the project has seconds, lists a line each. */
export interface SettingsDraft
  extends Omit<ProjectSettings, "overlap" | "leaseSeconds" | "changeMinutes" | "criteria" | "reasonChoices"> {
  readonly overlap: string;
  readonly leaseMinutes: string;
  readonly changeHours: string;
  readonly criteria: string;
  readonly reasonChoices: string;
}

export const overlapRange = { min: 1, max: 20 } as const;
export const leaseMinutesRange = { min: 1, max: 1440 } as const;
export const changeHoursRange = { min: 0, max: 720 } as const;

const rounded = (value: number): string => String(Math.round(value * 100) / 100);

export const draftOf = (saved: ProjectSettings): SettingsDraft => ({
  name: saved.name,
  description: saved.description,
  verdictSteps: saved.verdictSteps,
  allowBothBad: saved.allowBothBad,
  reasonRequired: saved.reasonRequired,
  overlap: String(saved.overlap),
  leaseMinutes: rounded(saved.leaseSeconds / 60),
  changeHours: rounded(saved.changeMinutes / 60),
  criteria: saved.criteria.join("\n"),
  reasonChoices: saved.reasonChoices.join("\n"),
});

export type DraftProblem = "name" | "overlap" | "leaseMinutes" | "changeHours" | "criteria" | "reasonChoices";

const within = (text: string, { min, max }: { min: number; max: number }): boolean => {
  const value = Number(text);
  return text.trim() !== "" && value >= min && value <= max;
};

/** What a field of one entry a line says. */
const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

const fits = (text: string, most: number, longest: number): boolean => {
  const lines = linesOf(text);
  return lines.length <= most && lines.every((line) => line.length <= longest) && new Set(lines).size === lines.length;
};

export function problemsOf(draft: SettingsDraft): readonly DraftProblem[] {
  const problems: DraftProblem[] = [];
  if (draft.name.trim() === "") problems.push("name");
  if (!within(draft.overlap, overlapRange) || !Number.isInteger(Number(draft.overlap))) problems.push("overlap");
  if (!within(draft.leaseMinutes, leaseMinutesRange)) problems.push("leaseMinutes");
  if (!within(draft.changeHours, changeHoursRange)) problems.push("changeHours");
  if (!fits(draft.criteria, mostCriteria, longestCriterion)) problems.push("criteria");
  if (!fits(draft.reasonChoices, mostReasonChoices, longestReasonChoice)) problems.push("reasonChoices");
  return problems;
}

/** Only what differs, so that two people who change different things do not undo each other. */
export function changesOf(draft: SettingsDraft, saved: ProjectSettings): Partial<ProjectSettings> {
  const before = draftOf(saved);
  const wanted: ProjectSettings = {
    name: draft.name.trim(),
    description: draft.description.trim(),
    overlap: Number(draft.overlap),
    verdictSteps: draft.verdictSteps,
    allowBothBad: draft.allowBothBad,
    reasonRequired: draft.reasonRequired,
    criteria: linesOf(draft.criteria),
    reasonChoices: linesOf(draft.reasonChoices),
    leaseSeconds:
      draft.leaseMinutes === before.leaseMinutes ? saved.leaseSeconds : Math.round(Number(draft.leaseMinutes) * 60),
    changeMinutes:
      draft.changeHours === before.changeHours ? saved.changeMinutes : Math.round(Number(draft.changeHours) * 60),
  };
  const differs = (key: string, value: unknown) =>
    JSON.stringify(saved[key as keyof ProjectSettings]) !== JSON.stringify(value);
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => differs(key, value)));
}
