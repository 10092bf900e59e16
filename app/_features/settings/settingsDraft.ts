/** What the settings page changes, as the project has it. */
export interface ProjectSettings {
  readonly name: string;
  readonly description: string;
  readonly guidelines: string;
  readonly overlap: number;
  readonly allowBothBad: boolean;
  readonly reasonRequired: boolean;
  readonly leaseSeconds: number;
}

/** The page's fields: numbers as typed, minutes where the project has seconds. */
export interface SettingsDraft extends Omit<ProjectSettings, "overlap" | "leaseSeconds"> {
  readonly overlap: string;
  readonly leaseMinutes: string;
}

export const overlapRange = { min: 1, max: 20 } as const;
export const leaseMinutesRange = { min: 1, max: 1440 } as const;

export const draftOf = ({ leaseSeconds, overlap, ...rest }: ProjectSettings): SettingsDraft => ({
  name: rest.name,
  description: rest.description,
  guidelines: rest.guidelines,
  allowBothBad: rest.allowBothBad,
  reasonRequired: rest.reasonRequired,
  overlap: String(overlap),
  leaseMinutes: String(Math.round((leaseSeconds / 60) * 100) / 100),
});

export type DraftProblem = "name" | "overlap" | "leaseMinutes";

const within = (text: string, { min, max }: { min: number; max: number }): boolean => {
  const value = Number(text);
  return text.trim() !== "" && value >= min && value <= max;
};

export function problemsOf(draft: SettingsDraft): readonly DraftProblem[] {
  const problems: DraftProblem[] = [];
  if (draft.name.trim() === "") problems.push("name");
  if (!within(draft.overlap, overlapRange) || !Number.isInteger(Number(draft.overlap))) problems.push("overlap");
  if (!within(draft.leaseMinutes, leaseMinutesRange)) problems.push("leaseMinutes");
  return problems;
}

/** Only what differs, so that two people who change different things do not undo each other. */
export function changesOf(draft: SettingsDraft, saved: ProjectSettings): Partial<ProjectSettings> {
  const unchangedLease = draft.leaseMinutes === draftOf(saved).leaseMinutes;
  const wanted: ProjectSettings = {
    name: draft.name.trim(),
    description: draft.description.trim(),
    guidelines: draft.guidelines,
    overlap: Number(draft.overlap),
    allowBothBad: draft.allowBothBad,
    reasonRequired: draft.reasonRequired,
    leaseSeconds: unchangedLease ? saved.leaseSeconds : Math.round(Number(draft.leaseMinutes) * 60),
  };
  return Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => saved[key as keyof ProjectSettings] !== value),
  );
}
