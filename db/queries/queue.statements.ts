import { and, asc, eq, gt, inArray, isNull, lte, ne, notExists, sql } from "drizzle-orm";
import { prepared } from "../client";
import { membership, project } from "../schema/identity";
import { item, response } from "../schema/items";
import { assignment, claimCursor } from "../schema/tasks";

/** The claim queue's statements: a claim and a vote wait for them, so they are prepared. Parameters by name; times in milliseconds. */

const at = sql.placeholder;
const given = (name: string) => sql`${at(name)}`;
const isMember = and(eq(membership.projectId, at("projectId")), eq(membership.userId, at("annotatorId")));

/** How many leases that ran out one claim clears away: a bound, so that a claim's cost has one too. */
const sweepAtMost = 20;

export const leaseSeconds = prepared((tx) =>
  tx
    .select({ seconds: project.leaseSeconds })
    .from(project)
    .where(eq(project.id, at("projectId")))
    .prepare(),
);

/** How a project asks, which every claim tells and every vote is held against. */
export const rulesOf = prepared((tx) =>
  tx
    .select({
      verdictSteps: project.verdictSteps,
      allowBothBad: project.allowBothBad,
      reasonRequired: project.reasonRequired,
      reasonChoices: project.reasonChoices,
      criteria: project.criteria,
      leaseSeconds: project.leaseSeconds,
      rulesChangedAt: project.rulesChangedAt,
      practicePairs: project.practicePairs,
    })
    .from(project)
    .where(eq(project.id, at("projectId")))
    .prepare(),
);

export const liveLeases = prepared((tx) =>
  tx
    .select()
    .from(assignment)
    .where(
      and(
        eq(assignment.projectId, at("projectId")),
        eq(assignment.annotatorId, at("annotatorId")),
        eq(assignment.state, "leased"),
        gt(assignment.leaseExpiresAt, at("now")),
      ),
    )
    .prepare(),
);

export const promptOf = prepared((tx) =>
  tx
    .select({ prompt: item.prompt })
    .from(item)
    .where(eq(item.id, at("itemId")))
    .prepare(),
);

export const responsesOf = prepared((tx) =>
  tx
    .select({ slot: response.slot, messages: response.messages })
    .from(response)
    .where(eq(response.itemId, at("itemId")))
    .prepare(),
);

export const itemState = prepared((tx) =>
  tx
    .select({ openSlots: item.openSlots, balance: item.sideBalance })
    .from(item)
    .where(eq(item.id, at("itemId")))
    .prepare(),
);

export const takePosition = prepared((tx) =>
  tx
    .update(project)
    .set({ queueSequence: sql`${project.queueSequence} + 1` })
    .where(eq(project.id, at("projectId")))
    .returning({ position: project.queueSequence })
    .prepare(),
);

export const placeItem = prepared((tx) =>
  tx
    .update(item)
    .set({
      openSlots: given("openSlots"),
      sideBalance: given("balance"),
      queueClass: given("queueClass"),
      queuePosition: given("position"),
    })
    .where(eq(item.id, at("itemId")))
    .prepare(),
);

export const sideBalance = prepared((tx) =>
  tx.select({ balance: membership.sideBalance }).from(membership).where(isMember).prepare(),
);

export const setSideBalance = prepared((tx) =>
  tx
    .update(membership)
    .set({ sideBalance: given("balance") })
    .where(isMember)
    .prepare(),
);

export const expiredLeases = prepared((tx) =>
  tx
    .select()
    .from(assignment)
    .where(
      and(
        eq(assignment.projectId, at("projectId")),
        // In words, not as a parameter: the partial index is only found that way.
        sql`${assignment.state} = 'leased'`,
        lte(assignment.leaseExpiresAt, at("now")),
      ),
    )
    .orderBy(asc(assignment.leaseExpiresAt))
    .limit(sweepAtMost)
    .prepare(),
);

export const endOfQueue = prepared((tx) =>
  tx
    .select({ end: project.queueSequence })
    .from(project)
    .where(eq(project.id, at("projectId")))
    .prepare(),
);

export const cursorOf = prepared((tx) =>
  tx
    .select({ position: claimCursor.position })
    .from(claimCursor)
    .where(
      and(
        eq(claimCursor.projectId, at("projectId")),
        eq(claimCursor.annotatorId, at("annotatorId")),
        eq(claimCursor.queueClass, at("queueClass")),
      ),
    )
    .prepare(),
);

export const moveCursor = prepared((tx) =>
  tx
    .insert(claimCursor)
    .values({
      projectId: at("projectId"),
      annotatorId: at("annotatorId"),
      queueClass: at("queueClass"),
      position: at("position"),
    })
    .onConflictDoUpdate({
      target: [claimCursor.projectId, claimCursor.annotatorId, claimCursor.queueClass],
      set: { position: sql`excluded.position` },
    })
    .prepare(),
);

export const itemAfter = prepared((tx) => {
  const mine = tx
    .select({ one: sql`1` })
    .from(assignment)
    .where(
      and(
        eq(assignment.itemId, item.id),
        eq(assignment.annotatorId, at("annotatorId")),
        eq(assignment.purpose, "vote"),
        inArray(assignment.state, ["leased", "submitted", "skipped"]),
      ),
    );
  return tx
    .select({ id: item.id, position: item.queuePosition })
    .from(item)
    .where(
      and(
        eq(item.projectId, at("projectId")),
        eq(item.queueClass, at("queueClass")),
        gt(item.queuePosition, at("from")),
        sql`${item.openSlots} > 0`,
        isNull(item.retiredAt),
        notExists(mine),
      ),
    )
    .orderBy(asc(item.queuePosition))
    .limit(1)
    .prepare();
});

export const sideShown = prepared((tx) =>
  tx
    .select({ left: assignment.leftSlot })
    .from(assignment)
    .where(
      and(
        eq(assignment.itemId, at("itemId")),
        eq(assignment.annotatorId, at("annotatorId")),
        eq(assignment.purpose, "vote"),
      ),
    )
    .prepare(),
);

export const leaseOfOthers = prepared((tx) =>
  tx
    .select({ one: sql`1` })
    .from(assignment)
    .where(
      and(
        eq(assignment.projectId, at("projectId")),
        sql`${assignment.state} = 'leased'`,
        ne(assignment.annotatorId, at("annotatorId")),
      ),
    )
    .limit(1)
    .prepare(),
);

export const memberAndSeed = prepared((tx) =>
  tx
    .select({ balance: membership.sideBalance, seed: project.seed })
    .from(membership)
    .innerJoin(project, eq(project.id, membership.projectId))
    .where(isMember)
    .prepare(),
);

export const putLease = prepared((tx) =>
  tx
    .insert(assignment)
    .values({
      id: at("id"),
      projectId: at("projectId"),
      itemId: at("itemId"),
      annotatorId: at("annotatorId"),
      state: "leased",
      leaseToken: at("token"),
      leaseExpiresAt: at("expiresAt"),
      leftSlot: at("leftSlot"),
    })
    .onConflictDoUpdate({
      target: [assignment.itemId, assignment.annotatorId, assignment.purpose, assignment.occurrence],
      set: {
        state: "leased",
        leaseToken: sql`excluded.lease_token`,
        leaseExpiresAt: sql`excluded.lease_expires_at`,
        leftSlot: sql`excluded.left_slot`,
        endedAt: null,
        skipReason: null,
      },
    })
    .returning()
    .prepare(),
);
