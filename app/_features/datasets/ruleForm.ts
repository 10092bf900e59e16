import { type CombinationRule, combinationRuleSchema } from "@/server/domain/preference";

/** The rule as it stands in the form: numbers as typed, shares in percent. */
export interface RuleForm {
  readonly minJudgements: string;
  readonly labels: CombinationRule["labels"];
  readonly prior: string;
  readonly minAgreement: string;
  readonly testShare: string;
  readonly splitSeed: string;
  readonly useImported: boolean;
}
export type RuleField = keyof CombinationRule;

const percent = (share: number): string => String(Math.round(share * 1000) / 10);

export const formOf = (rule: CombinationRule): RuleForm => ({
  minJudgements: String(rule.minJudgements),
  labels: rule.labels,
  prior: String(rule.prior),
  minAgreement: percent(rule.minAgreement),
  testShare: percent(rule.testShare),
  splitSeed: String(rule.splitSeed),
  useImported: rule.useImported,
});

export const defaultForm: RuleForm = formOf(combinationRuleSchema.parse({}));

/** An empty or half-typed number is NaN, which the schema refuses: nothing is guessed. */
const number = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text.trim().replace(",", ".")));
const share = (text: string): number => Math.round(number(text) * 10) / 1000;

export type RuleReading =
  | { readonly rule: CombinationRule; readonly wrong: readonly [] }
  | { readonly rule: null; readonly wrong: readonly RuleField[] };

export function readForm(form: RuleForm): RuleReading {
  const read = combinationRuleSchema.safeParse({
    minJudgements: number(form.minJudgements),
    labels: form.labels,
    // Hard labels are 1 whatever the prior, so a prior left over from soft ones must not make a different snapshot.
    prior: form.labels === "hard" ? 0 : number(form.prior),
    minAgreement: share(form.minAgreement),
    testShare: share(form.testShare),
    splitSeed: number(form.splitSeed),
    useImported: form.useImported,
  });
  if (read.success) return { rule: read.data, wrong: [] };
  return { rule: null, wrong: [...new Set(read.error.issues.map((issue) => issue.path[0] as RuleField))] };
}

/** A rule stored with an old snapshot: fields that came later get their defaults; null when it cannot be read at all. */
export function storedRule(stored: unknown): CombinationRule | null {
  const read = combinationRuleSchema.safeParse(stored);
  return read.success ? read.data : null;
}
