import type { ExportFormat } from "../domain/exports/formats";
import { formatLosses, lossSentences } from "../domain/exports/losses";
import type { CombinationRule } from "../domain/preference";
import type { SnapshotCounts } from "./snapshots.pairs";

const reasons: Readonly<Record<string, string>> = {
  too_few_judgements: "fewer judgements than the rule asks for",
  tie: "an even split, or nothing but ties",
  both_bad: "most judges found both answers bad",
  disagreement: "the majority was smaller than the rule asks for",
  empty_response: "one of the answers is empty",
};

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

function ruleInWords(rule: CombinationRule): string[] {
  const prior = rule.prior > 0 ? `, with ${rule.prior} imagined votes added to each side` : "";
  return [
    rule.useImported
      ? "Judgements of this project and judgements that came in with files count."
      : "Only judgements of this project count, not those that came in with files.",
    `An item needs at least ${rule.minJudgements} judgement${rule.minJudgements === 1 ? "" : "s"}. One judge counts once.`,
    "The answer that more judges preferred is `chosen`; even splits are left out.",
    rule.minAgreement > 0.5
      ? `Items where less than ${percent(rule.minAgreement)} of the judges who chose a side agree are left out.`
      : "Every majority counts, however narrow.",
    rule.labels === "soft"
      ? `\`probability\` = (wins + ½ ties) / judgements${prior}.`
      : "`probability` is 1 for every pair.",
    "`strength` = absolute mean of the verdicts, 0 … 3.",
  ];
}

function byRule({ judgements, ruleJudgements }: SnapshotCounts): string[] {
  if (ruleJudgements === 0) return [];
  if (ruleJudgements === judgements) return ["**Labelled by a rule, not by people.**", ""];
  return [`**${ruleJudgements} of the ${judgements} judgements were made by a rule, not by people.**`, ""];
}

/** A folder that somebody downloads: its format, and the files that hold rows. */
export interface CardFiles {
  readonly format: ExportFormat;
  readonly files: readonly { readonly split: string; readonly path: string; readonly rows: number }[];
}

const ownRows = [
  "`train.jsonl` and `test.jsonl` hold one JSON object a line, in TRL's conversational preference format:",
  "`id`, `promptId` (SHA-256 of the prompt), `prompt`, `chosen`, `rejected` (lists of `{role, content}`), `probability`",
  "(that the chosen answer is the better one), `strength`.",
];

const responseRows = [
  "`train-responses.jsonl` and `test-responses.jsonl` hold single responses for KTO, one JSON object a line: `id`,",
  "`promptId`, `prompt`, `completion`, `label` (whether the response is wanted).",
];

function exportedRows({ format, files }: CardFiles): string[] {
  return [
    `Format: ${format}.`,
    "",
    "| file | rows |",
    "|---|---|",
    ...files.map(({ path, rows }) => `| \`${path}\` | ${rows} |`),
    "",
    "What this format does not carry:",
    "",
    ...formatLosses[format].map((loss) => `- ${lossSentences[loss]}`),
  ];
}

/** The hub's size classes, by the power of ten above. */
function sizeCategory(rows: number): string {
  const bounds = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
  const names = ["n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M"];
  return names[bounds.findIndex((bound) => rows < bound)] ?? "n>10M";
}

/** README.md of a snapshot: what is in it and how it came about. It names no person. */
export function datasetCard(
  snapshot: { name: string; number: number; contentHash: string; rule: CombinationRule },
  counts: SnapshotCounts,
  exported?: CardFiles,
): string {
  const { name, number, contentHash, rule } = snapshot;
  const title = name.replace(/\s+/g, " ");
  const files = exported?.files ?? [
    { split: "train", path: "train.jsonl", rows: counts.trainPairs },
    ...(counts.testPairs > 0 ? [{ split: "test", path: "test.jsonl", rows: counts.testPairs }] : []),
  ];
  const labelled = [
    { split: "train", rows: counts.trainResponses },
    { split: "test", rows: counts.testResponses },
  ].filter(({ rows }) => rows > 0);
  const responses = exported ? [] : labelled;
  const excluded = Object.entries(counts.excluded).filter(([, count]) => count > 0);
  const lines = [
    "---",
    `pretty_name: ${JSON.stringify(`${title}, snapshot ${number}`)}`,
    "task_categories:",
    "- text-generation",
    "tags:",
    "- preference",
    "- rlhf",
    "- dpo",
    "size_categories:",
    `- ${sizeCategory(files.reduce((sum, { rows }) => sum + rows, 0))}`,
    "configs:",
    "- config_name: default",
    "  data_files:",
    ...files.flatMap(({ split, path }) => [`  - split: ${split}`, `    path: ${path}`]),
    ...(responses.length > 0 ? ["- config_name: responses", "  data_files:"] : []),
    ...responses.flatMap(({ split }) => [`  - split: ${split}`, `    path: ${split}-responses.jsonl`]),
    "---",
    "",
    `# ${title}, snapshot ${number}`,
    "",
    "Preference pairs: a prompt, the answer that was preferred, the one that was not.",
    "",
    ...byRule(counts),
    "| | |",
    "|---|---|",
    `| pairs for training | ${counts.trainPairs} |`,
    `| pairs for testing | ${counts.testPairs} |`,
    ...labelled.map(({ split, rows }) => `| labelled responses (${split}) | ${rows} |`),
    `| prompts | ${counts.prompts} |`,
    `| judgements behind the pairs | ${counts.judgements} |`,
    `| content (SHA-256 of rule and rows) | \`${contentHash}\` |`,
    "",
    "## How judgements became pairs",
    "",
    ...ruleInWords(rule).map((sentence) => `- ${sentence}`),
    "",
    "## Left out",
    "",
    ...(excluded.length > 0
      ? excluded.map(([reason, count]) => `- ${count}: ${reasons[reason] ?? reason}`)
      : ["Nothing."]),
    "",
    "## Split",
    "",
    rule.testShare > 0
      ? `By prompt: sha256("${rule.splitSeed}:" + promptId) as a fraction below ${rule.testShare} is test, so no prompt is in both files.`
      : "Everything is in the training file.",
    "",
    "## Rows",
    "",
    ...(exported ? exportedRows(exported) : ownRows),
    ...(responses.length > 0 ? ["", ...responseRows] : []),
    "",
    exported?.format === "judgements"
      ? "Judges appear under pseudonyms, with the comments they wrote. Prompts and answers are as they were imported."
      : "Judges are not named. Prompts and answers are as they were imported.",
    "",
  ];
  return lines.join("\n");
}
