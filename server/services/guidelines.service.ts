import { isDeepStrictEqual } from "node:util";
import { type Db, type DbTx, writeTx } from "@/db/client";
import {
  findVersion,
  type GuidelineVersion,
  insertReading,
  insertVersion,
  listReadings,
  listVersions,
  newestVersion,
  versionRead,
} from "@/db/queries/guidelines.queries";
import { audit } from "@/db/schema/audit";
import { DomainError } from "../domain/errors";
import { type Guidelines, type ReferencePair, saysSomething } from "../domain/reference";
import type { ProjectRole } from "../domain/roles";
import type { Access } from "./access";

const toGuidelines = ({ version, text, examples, change, createdAt }: GuidelineVersion): Guidelines => ({
  version,
  text,
  examples,
  change,
  publishedAt: createdAt,
});

/** The guidelines in force, or null, and the newest version that this person has said to have read (0: none). */
export function getGuidelines(db: DbTx, { projectId, userId }: Access) {
  const row = findVersion(db, projectId, newestVersion(db, projectId));
  return { guidelines: row ? toGuidelines(row) : null, read: versionRead(db, projectId, userId) };
}

/** The guidelines in force where this person has not read them yet; null when there is nothing new to read. */
export function findUnread(tx: DbTx, { projectId, userId }: Access): Guidelines | null {
  const version = newestVersion(tx, projectId);
  if (version === 0 || versionRead(tx, projectId, userId) >= version) return null;
  const row = findVersion(tx, projectId, version);
  return row && saysSomething(row) ? toGuidelines(row) : null;
}

/** One version, for whoever wants to see what has changed since. */
export function getVersion(db: DbTx, { projectId }: Access, version: number): Guidelines {
  const row = findVersion(db, projectId, version);
  if (!row) throw new DomainError("not_found", { what: "guidelines" });
  return toGuidelines(row);
}

/** Notes that a person has read a version. Said again, or later than it happened, it is the same reading. */
export function acknowledge(
  db: Db,
  { projectId, userId }: Access,
  { version, readAt }: { version: number; readAt: Date },
  now = new Date(),
): void {
  writeTx(db, (tx) => {
    if (!findVersion(tx, projectId, version)) throw new DomainError("not_found", { what: "guidelines" });
    // A page's clock may be ahead of ours.
    insertReading(tx, { projectId, userId, version, readAt: readAt < now ? readAt : now, createdAt: now });
  });
}

export interface Publication {
  readonly text: string;
  readonly examples: readonly ReferencePair[];
  readonly change: string;
  /** The version that was edited; 0 when there was none. */
  readonly base: number;
}

/**
 * Publishes guidelines as the next version, which everybody is shown before they go on. Refused with `conflict` when
 * somebody else published meanwhile; what changes nothing makes no version. Whoever publishes has read it.
 */
export function publishGuidelines(
  db: Db,
  { projectId, userId }: Access<"admin">,
  { text, examples, change, base }: Publication,
  now = new Date(),
): { version: number } {
  return writeTx(db, (tx) => {
    const newest = newestVersion(tx, projectId);
    if (newest !== base) throw new DomainError("conflict", { reason: "guidelines_changed", version: newest });
    const before = findVersion(tx, projectId, newest);
    if (
      before ? before.text === text && isDeepStrictEqual(before.examples, examples) : !saysSomething({ text, examples })
    )
      return { version: newest };
    const version = newest + 1;
    const row = { projectId, version, text, examples: [...examples], change, createdBy: userId, createdAt: now };
    insertVersion(tx, row);
    insertReading(tx, { projectId, userId, version, readAt: now, createdAt: now });
    const details = { version, examples: examples.length, characters: text.length };
    tx.insert(audit)
      .values({ projectId, actorId: userId, action: "guidelines.publish", subject: projectId, details })
      .run();
    return { version };
  });
}

/** All versions, newest first, each with how many of today's members have read it or a later one. */
export function listPublished(db: DbTx, { projectId }: Access<"admin">) {
  const readers = readersOf(db, projectId);
  return listVersions(db, projectId).map((row) => ({
    ...row,
    readers: readers.filter(({ readings }) => (readings[0]?.version ?? 0) >= row.version).length,
    members: readers.length,
  }));
}

interface Reader {
  readonly userId: string;
  readonly name: string;
  readonly role: ProjectRole;
  /** Newest version first. */
  readonly readings: { readonly version: number; readonly readAt: Date }[];
}

function readersOf(db: DbTx, projectId: string): Reader[] {
  const people = new Map<string, Reader>();
  for (const { userId, name, role, version, readAt } of listReadings(db, projectId)) {
    const person = people.get(userId) ?? { userId, name, role, readings: [] };
    if (version !== null && readAt !== null) person.readings.push({ version, readAt });
    people.set(userId, person);
  }
  return [...people.values()];
}

/** Who of the project's members has read what, and when. */
export const listReaders = (db: DbTx, { projectId }: Access<"admin">) => ({
  version: newestVersion(db, projectId),
  people: readersOf(db, projectId),
});
