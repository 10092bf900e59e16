import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { type Db, writeTx } from "@/db/client";
import {
  findNewest,
  findSnapshot,
  findSnapshotUse,
  isContentUsed,
  listSnapshotRows,
  type Snapshot,
} from "@/db/queries/snapshots.queries";
import { audit } from "@/db/schema/audit";
import { snapshot } from "@/db/schema/datasets";
import { project } from "@/db/schema/identity";
import type { PreferenceExample } from "@/trainer/contracts/example";
import { DomainError, isDiskFull } from "../domain/errors";
import type { CombinationRule } from "../domain/preference";
import type { Access } from "./access";
import { readLines } from "./imports.lines";
import { datasetCard } from "./snapshots.card";
import { hasFiles, SnapshotWriter, snapshotFolder } from "./snapshots.files";
import { collectPairs, type SnapshotCounts, type Split } from "./snapshots.pairs";
import { emitWebhooks } from "./webhooks.emit";

export interface SnapshotStore {
  readonly db: Db;
  readonly snapshotsDir: string;
}

export const listSnapshots = (db: Db, { projectId }: Access<"admin">) =>
  listSnapshotRows(db, projectId).map(({ projectId: _project, createdBy: _by, ...row }) => row);

export function getSnapshot(db: Db, { projectId }: Access<"admin">, id: string): Snapshot {
  const found = findSnapshot(db, projectId, id);
  if (!found) throw new DomainError("not_found", { what: "snapshot" });
  return found;
}

/** A snapshot with the runs that trained on it and the models that came of them. */
export function getSnapshotUse(db: Db, access: Access<"admin">, id: string) {
  const { projectId: _project, createdBy: _by, ...row } = getSnapshot(db, access, id);
  return { ...row, ...findSnapshotUse(db, id) };
}

/** Where a snapshot belongs, for callers that name it alone. One that is not there is as good as one in a strange project. */
export function projectOfSnapshot(db: Db, id: string): string {
  const row = db.select({ projectId: snapshot.projectId }).from(snapshot).where(eq(snapshot.id, id)).get();
  if (!row) throw new DomainError("not_found", { what: "project" });
  return row.projectId;
}

/** What a snapshot by this rule would hold now. */
export const previewSnapshot = (db: Db, { projectId }: Access<"admin">, rule: CombinationRule) =>
  collectPairs(db.$client.name, projectId, rule);

export interface CreatedSnapshot {
  readonly id: string;
  readonly number: number;
  /** Nothing has changed since the newest snapshot: it is returned and none made. */
  readonly existed: boolean;
}

/** Snapshots being made, by project: the second of two at once waits and finds the first. */
const making = new Map<string, Promise<unknown>>();

export function createSnapshot(
  store: SnapshotStore,
  access: Access<"admin">,
  request: { rule: CombinationRule; note: string },
): Promise<CreatedSnapshot> {
  const before = making.get(access.projectId) ?? Promise.resolve();
  const made = before.catch(() => {}).then(() => make(store, access, request));
  making.set(access.projectId, made);
  const forget = () => {
    if (making.get(access.projectId) === made) making.delete(access.projectId);
  };
  made.then(forget, forget);
  return made;
}

/** Files first, then the row: a row never points at files that are not there. */
async function make(
  { db, snapshotsDir }: SnapshotStore,
  access: Access<"admin">,
  { rule, note }: { rule: CombinationRule; note: string },
): Promise<CreatedSnapshot> {
  const { projectId } = access;
  const writer = await SnapshotWriter.open(snapshotsDir, rule).catch(toDiskFull);
  try {
    const counts = await collectPairs(db.$client.name, projectId, rule, writer);
    const contentHash = await writer.end();
    if (counts.trainPairs + counts.trainResponses === 0) throw new DomainError("snapshot_empty", emptyDetails(counts));
    const newest = findNewest(db, projectId);
    if (newest?.contentHash === contentHash && (await hasFiles(snapshotsDir, contentHash)))
      return { id: newest.id, number: newest.number, existed: true };
    const name = db.select({ name: project.name }).from(project).where(eq(project.id, projectId)).get()?.name ?? "";
    const number = (newest?.number ?? 0) + 1;
    if (!isContentUsed(db, contentHash) || !(await hasFiles(snapshotsDir, contentHash))) {
      const manifest = { formatVersion: 1 as const, name, number, contentHash, rule };
      const card = datasetCard({ name, number, contentHash, rule }, counts);
      const responses = { train: counts.trainResponses, test: counts.testResponses };
      const some = responses.train + responses.test > 0 ? { responses } : {};
      await writer.publish({ ...manifest, train: counts.trainPairs, test: counts.testPairs, ...some }, card);
    }
    return record(db, access, { number, contentHash, rule, note, counts });
  } catch (error) {
    return toDiskFull(error);
  } finally {
    await writer.discard();
  }
}

function record(
  db: Db,
  { projectId, userId }: Access<"admin">,
  made: { number: number; contentHash: string; rule: CombinationRule; note: string; counts: SnapshotCounts },
): CreatedSnapshot {
  const { counts, ...row } = made;
  const id = randomUUID();
  writeTx(db, (tx) => {
    tx.insert(snapshot)
      .values({ id, projectId, ...row, ...counts, createdBy: userId, createdAt: new Date() })
      .run();
    emitWebhooks(tx, projectId, "snapshot.created", {
      snapshotId: id,
      number: made.number,
      contentHash: made.contentHash,
      trainPairs: counts.trainPairs,
      testPairs: counts.testPairs,
    });
    tx.insert(audit)
      .values({
        projectId,
        actorId: userId,
        action: "snapshot.create",
        subject: id,
        details: { number: made.number, contentHash: made.contentHash },
      })
      .run();
  });
  return { id, number: made.number, existed: false };
}

/** Why nothing is left to train on: the reasons with their counts, and the pairs held out. */
const emptyDetails = ({ excluded, testPairs }: SnapshotCounts) => ({ ...excluded, testPairs });

function toDiskFull(error: unknown): never {
  if (isDiskFull(error)) throw new DomainError("disk_full", { where: "snapshots" }, { cause: error });
  throw error;
}

/** A page of one split's rows, as the trainer reads them. */
export async function listSnapshotPairs(
  { db, snapshotsDir }: SnapshotStore,
  access: Access<"admin">,
  { snapshotId, split, offset, limit }: { snapshotId: string; split: Split; offset: number; limit: number },
): Promise<{ rows: PreferenceExample[]; total: number }> {
  const { contentHash, trainPairs, testPairs } = getSnapshot(db, access, snapshotId);
  const total = split === "train" ? trainPairs : testPairs;
  const rows: PreferenceExample[] = [];
  if (offset >= total) return { rows, total };
  for await (const { line, bytes } of readLines(join(snapshotFolder(snapshotsDir, contentHash), `${split}.jsonl`))) {
    if (line > offset) rows.push(JSON.parse(bytes.toString("utf8")) as PreferenceExample);
    if (rows.length === limit) break;
  }
  return { rows, total };
}
