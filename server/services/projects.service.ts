import { randomInt, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { type Db, type DbTx, writeTx } from "@/db/client";
import {
  countLate,
  countProducts,
  countSkipped,
  countVotesOf,
  findProject,
  listProjectsOf,
  type Project,
  resizeOverlap,
  tallyItems,
  votesByDay,
  votesByPerson,
} from "@/db/queries/projects.queries";
import { audit } from "@/db/schema/audit";
import { membership, project } from "@/db/schema/identity";
import type { Disclosure } from "../domain/demo/disclosure";
import { DomainError } from "../domain/errors";
import type { ProjectRole } from "../domain/roles";
import type { Access } from "./access";

const dayMs = 86_400_000;
const daysShown = 14;

/** Days are UTC days everywhere. */
export const startOfDay = (now: Date): Date => new Date(Math.floor(now.getTime() / dayMs) * dayMs);
const ever = new Date(0);

export interface ProjectSummary {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly disclosure: Disclosure | null;
  readonly role: ProjectRole;
  readonly items: number;
  readonly votes: number;
  readonly votesWanted: number;
  readonly myVotesToday: number;
}

export function listProjects(db: DbTx, userId: string, now = new Date()): ProjectSummary[] {
  return listProjectsOf(db, userId).map(({ project: { id, name, description, disclosure, overlap }, role }) => {
    const { items, votes } = tallyItems(db, id);
    const myVotesToday = countVotesOf(db, id, userId, startOfDay(now));
    return { id, name, description, disclosure, role, items, votes, votesWanted: items * overlap, myVotesToday };
  });
}

/** The caller's proof is being instance administrator; they become the project's owner. */
export function createProject(
  db: Db,
  userId: string,
  { name, description = "" }: { name: string; description?: string },
): string {
  const id = randomUUID();
  writeTx(db, (tx) => {
    tx.insert(project)
      .values({ id, name, description, seed: randomInt(2 ** 31), createdBy: userId })
      .run();
    tx.insert(membership).values({ projectId: id, userId, role: "owner" }).run();
    tx.insert(audit)
      .values({ projectId: id, actorId: userId, action: "project.created", subject: id, details: { name } })
      .run();
  });
  return id;
}

function getRow(tx: DbTx, projectId: string): Project {
  const row = findProject(tx, projectId);
  if (!row) throw new DomainError("not_found", { what: "project" });
  return row;
}

export function getProject(db: DbTx, access: Access | Access<"admin">, now = new Date()) {
  const row = getRow(db, access.projectId);
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    role: access.role,
    overlap: row.overlap,
    verdictSteps: row.verdictSteps,
    allowBothBad: row.allowBothBad,
    reasonRequired: row.reasonRequired,
    reasonChoices: row.reasonChoices,
    criteria: row.criteria,
    changeMinutes: row.changeMinutes,
    practicePairs: row.practicePairs,
    leaseSeconds: row.leaseSeconds,
    disclosure: row.disclosure,
    myVotes: countVotesOf(db, row.id, access.userId, ever),
    myVotesToday: countVotesOf(db, row.id, access.userId, startOfDay(now)),
  };
}

/** What a pair given out earlier need not follow once it has changed. */
const judgingKeys = ["verdictSteps", "allowBothBad", "reasonRequired", "reasonChoices", "criteria"] as const;
type Settings = Pick<
  Project,
  "name" | "description" | "overlap" | "leaseSeconds" | "changeMinutes" | "practicePairs" | (typeof judgingKeys)[number]
>;

/** Changes what is given and differs. A new overlap recomputes the claim queue in the same transaction. */
export function updateProject(
  db: Db,
  { projectId, userId }: Access<"admin">,
  settings: { readonly [K in keyof Settings]?: Settings[K] | undefined },
  now = new Date(),
): void {
  writeTx(db, (tx) => {
    const before = getRow(tx, projectId);
    const changed = Object.entries(settings).filter(
      ([key, value]) => value !== undefined && !isDeepStrictEqual(value, before[key as keyof Settings]),
    );
    if (changed.length === 0) return;
    const { overlap, ...rest } = Object.fromEntries(changed) as Partial<Settings>;
    if (overlap !== undefined) resizeOverlap(tx, projectId, overlap);
    const judging = judgingKeys.some((key) => key in rest) ? { rulesChangedAt: now } : {};
    if (Object.keys(rest).length > 0)
      tx.update(project)
        .set({ ...rest, ...judging })
        .where(eq(project.id, projectId))
        .run();
    tx.insert(audit)
      .values({
        ...{ projectId, actorId: userId, action: "project.updated", subject: projectId },
        details: Object.fromEntries(changed),
      })
      .run();
  });
}

/** Votes of each of the last fourteen days, today included, days without any too. */
function lastDays(db: DbTx, projectId: string, now: Date): { day: string; votes: number }[] {
  const first = startOfDay(now).getTime() - (daysShown - 1) * dayMs;
  const counted = new Map(votesByDay(db, projectId, new Date(first)).map(({ day, votes }) => [day, votes]));
  return Array.from({ length: daysShown }, (_, i) => {
    const day = new Date(first + i * dayMs).toISOString().slice(0, 10);
    return { day, votes: counted.get(day) ?? 0 };
  });
}

export function getOverview(db: DbTx, { projectId }: Access<"admin">, now = new Date()) {
  const { overlap } = getRow(db, projectId);
  const { items, complete, votes } = tallyItems(db, projectId);
  const people = votesByPerson(db, projectId, startOfDay(now));
  const { imports, ...products } = countProducts(db, projectId);
  return {
    items,
    openItems: items - complete,
    completeItems: complete,
    votes,
    votesWanted: items * overlap,
    late: countLate(db, projectId),
    skipped: countSkipped(db, projectId),
    annotators: people.length,
    activeToday: people.filter((p) => p.votesToday > 0).length,
    votesPerDay: lastDays(db, projectId, now),
    ...products,
    hasImport: imports > 0,
  };
}
