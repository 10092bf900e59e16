import { and, desc, eq, inArray, or } from "drizzle-orm";
import type { CompressionProgress } from "@/trainer/contracts/compression";
import type { DbTx } from "../client";
import { modelCompression } from "../schema/compressions";
import { snapshot } from "../schema/datasets";
import { type Held, isHeld } from "./lease.queries";

export type Compression = typeof modelCompression.$inferSelect;

export const getCompression = (tx: DbTx, id: string): Compression =>
  tx.select().from(modelCompression).where(eq(modelCompression.id, id)).get() as Compression;

export const findCompression = (tx: DbTx, projectId: string, id: string): Compression | undefined =>
  tx
    .select()
    .from(modelCompression)
    .where(and(eq(modelCompression.projectId, projectId), eq(modelCompression.id, id)))
    .get();

/** Those of a model and the one that made it, with the number of the snapshot; the newest first. */
export const listCompressions = (tx: DbTx, projectId: string, modelId: string, limit: number) =>
  tx
    .select({ compression: modelCompression, snapshotNumber: snapshot.number })
    .from(modelCompression)
    .innerJoin(snapshot, eq(snapshot.id, modelCompression.snapshotId))
    .where(
      and(
        eq(modelCompression.projectId, projectId),
        or(eq(modelCompression.sourceModelId, modelId), eq(modelCompression.modelId, modelId)),
      ),
    )
    .orderBy(desc(modelCompression.createdAt), desc(modelCompression.id))
    .limit(limit)
    .all();

/** The one that made a delta; undefined for every other model. */
export const compressionOf = (tx: DbTx, modelId: string): Compression | undefined =>
  tx.select().from(modelCompression).where(eq(modelCompression.modelId, modelId)).get();

/** The model is being compressed already. */
export const isBeingCompressed = (tx: DbTx, sourceModelId: string): boolean =>
  tx
    .select({ id: modelCompression.id })
    .from(modelCompression)
    .where(
      and(eq(modelCompression.sourceModelId, sourceModelId), inArray(modelCompression.state, ["queued", "running"])),
    )
    .get() !== undefined;

/** Writes down how far it has come; nothing when the lease is lost. */
export const recordCompression = (tx: DbTx, held: Held, { step, etaSeconds }: CompressionProgress): void => {
  tx.update(modelCompression).set({ step, etaSeconds }).where(isHeld(held)).run();
};
