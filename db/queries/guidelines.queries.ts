import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import { type DbTx, prepared } from "../client";
import { guidelineReading, guidelineVersion } from "../schema/guidance";
import { membership, user } from "../schema/identity";

export type GuidelineVersion = typeof guidelineVersion.$inferSelect;

const at = sql.placeholder;

const newest = prepared((tx) =>
  tx
    .select({ version: sql<number | null>`max(${guidelineVersion.version})` })
    .from(guidelineVersion)
    .where(eq(guidelineVersion.projectId, at("projectId")))
    .prepare(),
);

/** The version in force; 0 before anything was published. */
export const newestVersion = (tx: DbTx, projectId: string): number => newest(tx).get({ projectId })?.version ?? 0;

const newestRead = prepared((tx) =>
  tx
    .select({ version: sql<number | null>`max(${guidelineReading.version})` })
    .from(guidelineReading)
    .where(
      and(
        eq(guidelineReading.projectId, at("projectId")),
        eq(guidelineReading.userId, at("userId")),
        sql`${guidelineReading.version} <= ${at("most")}`,
      ),
    )
    .prepare(),
);

/** The newest version that a person has read, of those up to `most`; 0 when none. */
export const versionRead = (tx: DbTx, projectId: string, userId: string, most = Number.MAX_SAFE_INTEGER): number =>
  newestRead(tx).get({ projectId, userId, most })?.version ?? 0;

export const findVersion = (tx: DbTx, projectId: string, version: number): GuidelineVersion | undefined =>
  tx
    .select()
    .from(guidelineVersion)
    .where(and(eq(guidelineVersion.projectId, projectId), eq(guidelineVersion.version, version)))
    .get();

export const insertVersion = (tx: DbTx, row: typeof guidelineVersion.$inferInsert): void => {
  tx.insert(guidelineVersion).values(row).run();
};

/** Notes that a person has read a version; the first time they said so stands. */
export const insertReading = (tx: DbTx, row: typeof guidelineReading.$inferInsert): void => {
  tx.insert(guidelineReading).values(row).onConflictDoNothing().run();
};

/** Every version without its texts, newest first, with who published it. */
export const listVersions = (tx: DbTx, projectId: string) =>
  tx
    .select({
      version: guidelineVersion.version,
      change: guidelineVersion.change,
      publishedAt: guidelineVersion.createdAt,
      publishedBy: user.name,
      examples: sql<number>`json_array_length(${guidelineVersion.examples})`,
    })
    .from(guidelineVersion)
    .leftJoin(user, eq(user.id, guidelineVersion.createdBy))
    .where(eq(guidelineVersion.projectId, projectId))
    .orderBy(desc(guidelineVersion.version))
    .all();

/** What the people of a project have read, each person with all their readings; members of now only. */
export const listReadings = (tx: DbTx, projectId: string) =>
  tx
    .select({
      userId: membership.userId,
      name: user.name,
      role: membership.role,
      version: guidelineReading.version,
      readAt: guidelineReading.readAt,
    })
    .from(membership)
    .innerJoin(user, eq(user.id, membership.userId))
    .leftJoin(
      guidelineReading,
      and(eq(guidelineReading.projectId, membership.projectId), eq(guidelineReading.userId, membership.userId)),
    )
    .where(and(eq(membership.projectId, projectId), isNull(membership.revokedAt)))
    .orderBy(asc(user.name), asc(membership.userId), desc(guidelineReading.version))
    .all();
