import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Db, type DbTx, writeTx } from "@/db/client";
import {
  belongsToOthers,
  deletePlace,
  deleteSaid,
  emptyAccount,
  giveAway,
  listAsked,
  listDone,
  listGiven,
  listPractised,
  listRead,
  listReported,
  listSaid,
  listTokensOf,
  listVotedItems,
  type Someone,
} from "@/db/queries/erasure.queries";
import { findUser } from "@/db/queries/identity.queries";
import { findProject, listLiveLeases } from "@/db/queries/projects.queries";
import { giveBack, withdraw } from "@/db/queries/queue.queries";
import { listSnapshotRows } from "@/db/queries/snapshots.queries";
import { audit } from "@/db/schema/audit";
import { user } from "@/db/schema/identity";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";
import { readLines } from "./imports.lines";
import { getMember, keepAnOwner } from "./people.service";
import { snapshotFolder } from "./snapshots.files";
import type { SnapshotStore } from "./snapshots.service";

/** `anonymise`: votes stay and count, by nobody who can be named. `remove`: they go, and their pairs open again. */
export type ErasureMode = "anonymise" | "remove";

/** What stands in the place of a name. */
const nobody = "—";

export interface Erasure {
  readonly judgements: number;
  /** Those that stand: pairs that would open again when they are removed. */
  readonly votes: number;
  /** Words of their own: reasons and notes. */
  readonly comments: number;
  readonly reports: number;
  readonly questions: number;
  readonly tokens: number;
  /** Name, address and password go too: they belong to no other project and do not run this instance. */
  readonly account: boolean;
  /** Snapshots with pairs that rest on a vote of theirs. They stay as they are. */
  readonly snapshots: readonly { readonly number: number; readonly pairs: number; readonly runs: number }[];
}

/** What an erasure would do, before anybody does it. Reads the files of the snapshots. */
export async function getErasure(
  { db, snapshotsDir }: SnapshotStore,
  { projectId }: Access<"owner">,
  userId: string,
): Promise<Erasure> {
  getMember(db, projectId, userId);
  const who = { projectId, userId };
  const judgements = listSaid(db, who);
  const reports = listReported(db, who);
  const voted = new Map<string, Date>();
  for (const { itemId, createdAt } of listVotedItems(db, who)) voted.set(itemId, createdAt);
  const snapshots: { number: number; pairs: number; runs: number }[] = [];
  for (const { number, contentHash, createdAt, runs } of listSnapshotRows(db, projectId)) {
    const theirs = new Set([...voted].filter(([, at]) => at <= createdAt).map(([itemId]) => itemId));
    const pairs = theirs.size === 0 ? 0 : await countPairs(snapshotFolder(snapshotsDir, contentHash), theirs);
    if (pairs > 0) snapshots.push({ number, pairs, runs });
  }
  return {
    judgements: judgements.filter(({ action }) => action === "judge").length,
    votes: voted.size,
    comments: [...judgements.map(({ reason }) => reason), ...reports.map(({ note }) => note)].filter(Boolean).length,
    reports: reports.length,
    questions: listAsked(db, who).length,
    tokens: listTokensOf(db, who).length,
    account: accountGoes(db, who),
    snapshots,
  };
}

async function countPairs(folder: string, itemIds: ReadonlySet<string>): Promise<number> {
  let pairs = 0;
  for (const split of ["train", "test"])
    for await (const { bytes } of readLines(join(folder, `${split}.jsonl`)))
      if (itemIds.has((JSON.parse(bytes.toString("utf8")) as { id: string }).id)) pairs += 1;
  return pairs;
}

const accountGoes = (tx: DbTx, who: Someone): boolean =>
  !belongsToOthers(tx, who) && findUser(tx, who.userId)?.instanceRole !== "admin";

/** Everything that the project knows of a person, for them to have. */
export function getPersonalData(db: DbTx, { projectId }: Access<"owner">, userId: string) {
  const member = getMember(db, projectId, userId);
  const who = { projectId, userId };
  const { name, email, createdAt } = findUser(db, userId) ?? {};
  return {
    person: { id: userId, name, email, createdAt },
    project: { id: projectId, name: findProject(db, projectId)?.name },
    membership: { role: member.role, joinedAt: member.createdAt, removedAt: member.revokedAt },
    judgements: listSaid(db, who).map(({ projectId: _p, annotatorId: _a, annotatorKey: _k, superseded, ...row }) => ({
      ...row,
      superseded: superseded === 1,
    })),
    reports: listReported(db, who).map(({ itemId, problem, note, createdAt: at }) => ({ itemId, problem, note, at })),
    pairsGiven: listGiven(db, who).map(({ itemId, state, leftSlot, skipReason, createdAt: at, endedAt }) => ({
      itemId,
      state,
      leftSlot,
      skipReason,
      at,
      endedAt,
    })),
    playgroundQuestions: listAsked(db, who).map(({ prompt, createdAt: at }) => ({ prompt, at })),
    guidelinesRead: listRead(db, who).map(({ version, readAt }) => ({ version, at: readAt })),
    practice: listPractised(db, who).map(({ pairId, verdict, bothBad, match, createdAt: at }) => ({
      ...{ pairId, verdict, bothBad, match, at },
    })),
    tokens: listTokensOf(db, who),
    actions: listDone(db, who),
  };
}

/**
 * Erases a person from a project, in one transaction with its audit row, which names nobody but by an id that leads nowhere
 * any more. Snapshots hold no names and stay; exports of judgements from them no longer show this person's.
 */
export function erasePerson(
  db: Db,
  access: Access<"owner">,
  { userId, mode }: { userId: string; mode: ErasureMode },
  now = new Date(),
): void {
  const { projectId, userId: actorId } = access;
  if (userId === actorId) throw new DomainError("not_allowed", { reason: "self" });
  writeTx(db, (tx) => {
    const member = getMember(tx, projectId, userId);
    keepAnOwner(tx, member);
    const who = { projectId, userId };
    for (const lease of listLiveLeases(tx, projectId, userId)) giveBack(tx, lease, "released", now);
    const judgements = listSaid(tx, who).length;
    const account = accountGoes(tx, who);
    if (mode === "anonymise") {
      // A new id that nothing ties to the old one, so that one person still counts once.
      const id = randomUUID();
      tx.insert(user)
        .values({ id, name: nobody, email: `erased-${id}@erased.invalid` })
        .run();
      giveAway(tx, who, id, findProject(tx, projectId)?.reasonChoices ?? []);
    } else {
      for (const lease of listGiven(tx, who)) if (lease.state === "submitted") withdraw(tx, lease);
      deleteSaid(tx, who);
    }
    deletePlace(tx, who);
    if (account) emptyAccount(tx, userId, nobody);
    const details = { mode, judgements, account };
    tx.insert(audit).values({ projectId, actorId, action: "person.erased", subject: userId, details }).run();
  });
}
