import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Db } from "@/db/client";
import {
  findJudgedUntil,
  type JudgedUntil,
  listAnnotatorKeys,
  type StoredJudgement,
} from "@/db/queries/exports.queries";
import type { Snapshot } from "@/db/queries/snapshots.queries";
import type { CompletionExample, PreferenceExample } from "@/trainer/contracts/example";
import { isRuleKey } from "../domain/demo/disclosure";
import type { ExportVote, JudgedPair } from "../domain/exports/formats";
import type { ExportRequest } from "../domain/exports/request";
import { coinOf, messagesText } from "../domain/imports/identity";
import { type CombinationRule, combinationRuleSchema } from "../domain/preference";
import type { Access } from "./access";
import { readLines } from "./imports.lines";
import { importedName } from "./items.service";
import { snapshotFolder } from "./snapshots.files";
import { isCounted, type Split } from "./snapshots.pairs";

/** Pseudonyms that an export remembers: a file may name a person for each row. */
const mostPseudonyms = 10_000;

/** Pairs handed on at once: few enough that a vote in between does not wait. */
const pageSize = 200;

export type Filters = Pick<ExportRequest, "minAgreement" | "annotator" | "from" | "to">;

export interface ExportSource {
  readonly db: Db;
  readonly snapshotsDir: string;
  readonly snapshot: Snapshot;
}

/** The same person of the same project always has the same pseudonym; nothing else can be told from it. */
export const pseudonymOf = (projectId: string, annotatorKey: string): string =>
  `judge-${createHash("sha256").update(`${projectId}:${annotatorKey}`).digest("hex").slice(0, 16)}`;

/** Who can be filtered by: names for admins beside the pseudonyms that files have. */
export const listJudges = (db: Db, { projectId }: Access<"admin">) =>
  listAnnotatorKeys(db, projectId).map(({ annotatorKey, name, count }) => ({
    pseudonym: pseudonymOf(projectId, annotatorKey),
    name: name ?? importedName(annotatorKey),
    count,
  }));

/** A snapshot's pairs of one split as it wrote them, by pages. */
export async function* examplePages(
  { snapshotsDir, snapshot }: ExportSource,
  split: Split,
  minAgreement: number,
): AsyncGenerator<PreferenceExample[]> {
  let page: PreferenceExample[] = [];
  for await (const { bytes } of readLines(join(snapshotFolder(snapshotsDir, snapshot.contentHash), `${split}.jsonl`))) {
    const example = JSON.parse(bytes.toString("utf8")) as PreferenceExample;
    if (example.probability < minAgreement) continue;
    if (page.push(example) < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** A snapshot's labelled responses of one split, by pages. */
export async function* responsePages(
  { snapshotsDir, snapshot }: ExportSource,
  split: Split,
): AsyncGenerator<CompletionExample[]> {
  if ((split === "train" ? snapshot.trainResponses : snapshot.testResponses) === 0) return;
  const file = join(snapshotFolder(snapshotsDir, snapshot.contentHash), `${split}-responses.jsonl`);
  let page: CompletionExample[] = [];
  for await (const { bytes } of readLines(file)) {
    if (page.push(JSON.parse(bytes.toString("utf8")) as CompletionExample) < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** Pairs with what had been said of them when the snapshot was made. A filter by judge or day keeps the pairs it meets. */
export async function* judgedPages(source: ExportSource, split: Split, filters: Filters): AsyncGenerator<JudgedPair[]> {
  const { db, snapshot } = source;
  const context: VoteContext = { rule: combinationRuleSchema.parse(snapshot.rule), pseudonyms: new Map() };
  for await (const page of examplePages(source, split, filters.minAgreement)) {
    const known = findJudgedUntil(
      db,
      page.map(({ id }) => id),
      snapshot.createdAt,
    );
    const pairs = page.map((example) => judgedPair(snapshot, split, example, known.get(example.id), context));
    yield pairs.filter(({ votes }) => !hasVoteFilter(filters) || votes.some(voteFilter(filters, true)));
  }
}

export const hasVoteFilter = ({ annotator, from, to }: Filters): boolean =>
  annotator !== undefined || from !== undefined || to !== undefined;

/** Judgements that the filters ask for; `standingOnly` for those that a pair rests on. */
export function voteFilter({ annotator, from, to }: Filters, standingOnly: boolean): (vote: ExportVote) => boolean {
  return (vote) => {
    const day = vote.createdAt.slice(0, 10);
    return (
      (vote.standing || !standingOnly) &&
      (annotator === undefined || vote.annotator === annotator) &&
      (from === undefined || day >= from) &&
      (to === undefined || day <= to)
    );
  };
}

/** What all pairs of one export share. */
interface VoteContext {
  readonly rule: CombinationRule;
  /** By annotator's key; few people say much. */
  readonly pseudonyms: Map<string, string>;
}

function judgedPair(
  snapshot: Snapshot,
  split: Split,
  example: PreferenceExample,
  stored: JudgedUntil extends Map<string, infer V> ? V | undefined : never,
  { rule, pseudonyms }: VoteContext,
): JudgedPair {
  if (!stored) {
    const nothing = { modelA: null, modelB: null, externalId: null, votes: [] };
    return { split, example, chosenSlot: coinOf(example.id) ? "b" : "a", ...nothing };
  }
  const isA = messagesText(stored.a.messages) === messagesText(example.chosen);
  const superseded = new Set(stored.judgements.map(({ supersedesId }) => supersedesId));
  return {
    split,
    example,
    chosenSlot: isA ? "a" : "b",
    modelA: stored.a.sourceModel,
    modelB: stored.b.sourceModel,
    externalId: stored.externalId,
    votes: stored.judgements.map((row) => {
      const stands = row.action === "judge" && row.purpose === "vote" && !row.late && !superseded.has(row.id);
      const { annotatorKey } = row;
      const annotator = pseudonyms.get(annotatorKey) ?? pseudonymOf(snapshot.projectId, annotatorKey);
      if (pseudonyms.size < mostPseudonyms) pseudonyms.set(annotatorKey, annotator);
      return voteOf(annotator, row, stands && isCounted(row, rule));
    }),
  };
}

/** A stored judgement as files and the API show it: under a pseudonym. */
export function voteOf(annotator: string, row: StoredJudgement, standing: boolean): ExportVote {
  const { annotatorKey, annotatorId, importId, leftSlot, createdAt, ...said } = row;
  const byRule = isRuleKey(annotatorKey);
  return {
    annotator,
    source: byRule ? "rule" : importId !== null || annotatorId === null ? "import" : "project",
    verdict: said.verdict,
    bothBad: said.bothBad,
    reason: said.reason,
    criteria: said.criteria,
    shownLeft: leftSlot,
    durationMs: said.durationMs,
    guidelineVersion: said.guidelineVersion,
    purpose: said.purpose,
    occurrence: said.occurrence,
    action: said.action,
    late: said.late,
    standing,
    createdAt: createdAt.toISOString(),
  };
}
