/** What a demo project must say about where its pairs and labels come from; the words are in messages/<locale>/demo.json. */
export const disclosures = ["generated", "rule"] as const;
export type Disclosure = (typeof disclosures)[number];

/** Begins the annotator key of judgements that a rule made. */
const rulePrefix = "rule:";
export const ruleKey = (rule: string): string => `${rulePrefix}${rule}`;
export const isRuleKey = (annotatorKey: string): boolean => annotatorKey.startsWith(rulePrefix);
