import { randomUUID } from "node:crypto";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { findItem } from "@/db/queries/items.queries";
import {
  countAnswers,
  findAnswer,
  findPracticePair,
  hasVoted,
  insertAnswer,
  insertPracticePair,
  listAnswers,
  listPracticePairs,
  listUnanswered,
  movePracticePair,
  type PracticeAnswer,
  type PracticePair,
  retirePracticePair,
} from "@/db/queries/practice.queries";
import { findProject } from "@/db/queries/projects.queries";
import { getRules } from "@/db/queries/queue.queries";
import { audit } from "@/db/schema/audit";
import { DomainError } from "../domain/errors";
import { verdictsOf } from "../domain/judging";
import { isAnswerable, type Match, matchOf, mostPracticePairs, type ReferencePair } from "../domain/reference";
import type { Access } from "./access";
import { retireItem } from "./items.service";

/** How far somebody has come with their practice. */
export interface Progress {
  readonly done: number;
  readonly wanted: number;
}

interface Rules {
  readonly practicePairs: number;
  readonly verdictSteps: number;
  readonly allowBothBad: boolean;
}

/**
 * What a newcomer still has to practise, or null: an annotator who has judged no real pair yet, in a project that asks for
 * practice and has pairs for it. Who has judged before is no newcomer, whatever the project asks for later.
 */
export function practiceDue(tx: DbTx, { projectId, userId, role }: Access, rules: Rules): Progress | null {
  if (rules.practicePairs === 0 || role !== "annotator" || hasVoted(tx, projectId, userId)) return null;
  const { done, wanted } = progressOf(tx, projectId, userId, rules).progress;
  return done < wanted ? { done, wanted } : null;
}

function progressOf(tx: DbTx, projectId: string, userId: string, rules: Rules) {
  const done = countAnswers(tx, projectId, userId);
  const open = listUnanswered(tx, projectId, userId).filter(({ pair }) => isAnswerable(pair, rules));
  return { progress: { done, wanted: Math.min(rules.practicePairs, done + open.length) }, open };
}

/** The next pair to practise on, response a on the left, without what is right; null when there is none left to do. */
export function nextPractice(db: DbTx, { projectId, userId }: Access) {
  const { progress, open } = progressOf(db, projectId, userId, getRules(db, projectId));
  const next = progress.done < progress.wanted ? open[0] : undefined;
  if (!next) return { ...progress, pair: null };
  const { prompt, a, b } = next.pair;
  return { ...progress, pair: { id: next.id, prompt, left: a, right: b } };
}

export interface Answer {
  readonly pairId: string;
  /** By position, which is stored order here; null when both are bad. */
  readonly verdict: number | null;
  readonly bothBad: boolean;
  readonly durationMs: number;
}

export interface Feedback extends Progress {
  readonly said: Pick<ReferencePair, "verdict" | "bothBad">;
  readonly match: Match;
  readonly right: Pick<ReferencePair, "verdict" | "bothBad" | "why">;
  /** Of this person's answers so far, those that agreed or nearly did. */
  readonly agreed: number;
}

/** Takes an answer to a practice pair and says what is right. The first answer stands: a repetition is told the same. */
export function answerPractice(db: Db, { projectId, userId }: Access, answer: Answer, now = new Date()): Feedback {
  return writeTx(db, (tx) => {
    const found = findPracticePair(tx, projectId, answer.pairId);
    if (!found) throw new DomainError("not_found", { what: "practice" });
    const rules = getRules(tx, projectId);
    const { verdict, bothBad, durationMs } = answer;
    if (verdict === null ? !rules.allowBothBad : !verdictsOf(rules.verdictSteps).includes(verdict))
      throw new DomainError("invalid_input", { field: "verdict", problem: "this project does not offer it" });
    const row =
      findAnswer(tx, found.id, userId) ??
      insertAnswer(tx, {
        ...{ id: randomUUID(), projectId, userId, pairId: found.id, verdict, bothBad, durationMs, createdAt: now },
        match: matchOf({ verdict, bothBad }, found.pair, rules.verdictSteps),
      });
    return feedback(tx, row, found, rules);
  });
}

function feedback(tx: DbTx, row: PracticeAnswer, { pair }: PracticePair, rules: Rules): Feedback {
  const mine = listAnswers(tx, row.projectId).filter(({ answer }) => answer.userId === row.userId);
  return {
    ...progressOf(tx, row.projectId, row.userId, rules).progress,
    said: { verdict: row.verdict, bothBad: row.bothBad },
    match: row.match,
    right: { verdict: pair.verdict, bothBad: pair.bothBad, why: pair.why },
    agreed: mine.filter(({ answer }) => answer.match !== "other").length,
  };
}

const tally = (answers: readonly PracticeAnswer[]): Record<Match, number> => ({
  same: answers.filter(({ match }) => match === "same").length,
  near: answers.filter(({ match }) => match === "near").length,
  other: answers.filter(({ match }) => match === "other").length,
});

/** The pairs in use and how people did, by pair and by person. */
export function listPractice(db: DbTx, { projectId }: Access<"admin">) {
  const project = findProject(db, projectId);
  if (!project) throw new DomainError("not_found", { what: "project" });
  const answers = listAnswers(db, projectId);
  const byPerson = new Map<string, { name: string; rows: PracticeAnswer[] }>();
  for (const { answer, name } of answers) {
    const person = byPerson.get(answer.userId) ?? { name, rows: [] };
    person.rows.push(answer);
    byPerson.set(answer.userId, person);
  }
  return {
    wanted: project.practicePairs,
    pairs: listPracticePairs(db, projectId).map(({ id, pair, itemId }) => ({
      id,
      pair,
      itemId,
      /** Whether the project's scale lets anybody say what is right. */
      asked: isAnswerable(pair, project),
      results: tally(answers.flatMap(({ answer }) => (answer.pairId === id ? [answer] : []))),
    })),
    people: [...byPerson].map(([userId, { name, rows }]) => ({
      userId,
      name,
      results: tally(rows),
      lastAt: rows.at(-1)?.createdAt ?? null,
    })),
  };
}

function checkRight(tx: DbTx, projectId: string, pair: ReferencePair): void {
  const rules = getRules(tx, projectId);
  const offered = pair.verdict === null ? rules.allowBothBad : verdictsOf(rules.verdictSteps).includes(pair.verdict);
  if (!offered) throw new DomainError("invalid_input", { field: "verdict", problem: "this project does not offer it" });
}

export interface NewPracticePair {
  readonly pair: ReferencePair;
  /** The item that it is made of. */
  readonly itemId: string | null;
  /** The pair in whose place it comes. */
  readonly replaces: string | null;
  /** Whether that item leaves the queue: who practised on it knows what is right. */
  readonly retire: boolean;
}

/** Adds a practice pair at the end, or puts it in the place of another: answers to that one keep what they answered. */
export function savePracticePair(
  db: Db,
  access: Access<"admin">,
  { pair, itemId, replaces, retire }: NewPracticePair,
  now = new Date(),
): { id: string } {
  const { projectId, userId } = access;
  return writeTx(db, (tx) => {
    checkRight(tx, projectId, pair);
    if (itemId !== null && !findItem(tx, projectId, itemId)) throw new DomainError("not_found", { what: "item" });
    const before = replaces === null ? null : findPracticePair(tx, projectId, replaces);
    if (before === undefined) throw new DomainError("not_found", { what: "practice" });
    const inUse = listPracticePairs(tx, projectId);
    if (before === null && inUse.length >= mostPracticePairs)
      throw new DomainError("invalid_input", { field: "pair", problem: `a project has at most ${mostPracticePairs}` });
    if (before) retirePracticePair(tx, before.id, now);
    const id = randomUUID();
    const position = before?.position ?? (inUse.at(-1)?.position ?? 0) + 1;
    const from = itemId ?? before?.itemId ?? null;
    insertPracticePair(tx, { id, projectId, position, pair, itemId: from, createdBy: userId, createdAt: now });
    note(tx, access, before ? "practice.replace" : "practice.add", id);
    if (itemId !== null && retire) retireItem(db, access, itemId, now);
    return { id };
  });
}

/** Takes a practice pair out of use; the answers to it stay. */
export function removePracticePair(db: Db, access: Access<"admin">, id: string, now = new Date()): void {
  writeTx(db, (tx) => {
    if (!findPracticePair(tx, access.projectId, id)) throw new DomainError("not_found", { what: "practice" });
    retirePracticePair(tx, id, now);
    note(tx, access, "practice.remove", id);
  });
}

/** Swaps a practice pair with its neighbour before or after it; at either end nothing happens. */
export function shiftPracticePair(db: Db, { projectId }: Access<"admin">, id: string, by: -1 | 1): void {
  writeTx(db, (tx) => {
    const pairs = listPracticePairs(tx, projectId);
    const at = pairs.findIndex((pair) => pair.id === id);
    const [one, other] = [pairs[at], pairs[at + by]];
    if (!one) throw new DomainError("not_found", { what: "practice" });
    if (!other) return;
    movePracticePair(tx, one.id, other.position);
    movePracticePair(tx, other.id, one.position);
  });
}

function note(tx: DbTx, { projectId, userId }: Access<"admin">, action: string, subject: string): void {
  tx.insert(audit).values({ projectId, actorId: userId, action, subject }).run();
}
