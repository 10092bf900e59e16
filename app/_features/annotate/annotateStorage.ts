import { z } from "zod";
import { problemKinds, skipReasons } from "@/server/domain/judging";
import { messagesSchema } from "@/trainer/contracts/message";
import { type KeptStore, openKeptStore } from "./keptStore";
import { byOrder, type Entry, endsPair, type Pair } from "./outbox";
import { nameTab, type TabName } from "./tabName";

const base = { submissionId: z.string(), order: z.number(), attempts: z.number() };
const lease = { assignmentId: z.string(), leaseToken: z.string() };
const entrySchema: z.ZodType<Entry> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("vote"),
    ...base,
    ...lease,
    verdict: z.union([z.number(), z.literal("bad")]),
    reason: z.string().nullable(),
    // An entry kept by an earlier version has none.
    criteria: z.record(z.string(), z.number()).default({}),
    durationMs: z.number(),
    guidelineVersion: z.number().nullable().default(null),
  }),
  z.object({ kind: z.literal("skip"), ...base, ...lease, reason: z.enum(skipReasons).nullable().default(null) }),
  z.object({
    kind: z.literal("report"),
    ...base,
    assignmentId: z.string(),
    problem: z.enum(problemKinds),
    note: z.string().nullable(),
  }),
  z.object({ kind: z.literal("read"), ...base, assignmentId: z.null(), version: z.number(), readAt: z.number() }),
  z.object({
    kind: z.literal("undo"),
    ...base,
    target: z.string().nullable(),
    assignmentId: z.string().nullable(),
  }),
]);
const pairSchema: z.ZodType<Pair> = z.object({
  ...lease,
  itemId: z.string(),
  prompt: messagesSchema,
  left: messagesSchema,
  right: messagesSchema,
});
const tabSchema = z.object({ at: z.number(), holding: z.array(z.string()) });

/** Background tabs report once a minute at best; one that has not for longer is gone. */
const tabGoneMs = 150_000;

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** What a browser has to keep things in; null for what it does not have or does not allow. */
export interface Browser {
  readonly local: Store | null;
  readonly session: Store | null;
  readonly locks: LockManager | null;
}

function parse<T>(schema: z.ZodType<T>, text: string | null): T | null {
  if (text === null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

const keysOf = (store: Store): string[] =>
  Array.from({ length: store.length }, (_, i) => store.key(i)).filter((key) => key !== null);

export interface Scope {
  readonly projectId: string;
  readonly userId: string;
}

/** What another tab of the same person did with a pair. */
export interface Change {
  readonly assignmentId: string;
  readonly answered: boolean;
}

const stockKey = "tiebreak.stock";

/**
 * What the browser keeps of one person's work in one project: the outbox, each entry by itself, so that two tabs never
 * overwrite each other's; and the pairs in hand, by tab. A new page reads what all tabs left unsent, and takes over the
 * pairs of tabs that are no more. A browser that keeps nothing loses nothing but that.
 */
export async function openAnnotateStorage({ projectId, userId }: Scope, { local, session, locks }: Browser) {
  const place = `${projectId}.${userId}`;
  const tabPrefix = `tiebreak.tab.${place}.`;
  const leftPrefix = `tiebreak.left.${place}.`;
  const readKey = `tiebreak.read.${place}`;
  const kept = await openKeptStore(place).catch(() => null);
  const tab = await nameTab(place, session, locks);
  const outbox = kept ? await readOutbox(kept) : [];
  const pairs = kept ? await takeOver(kept, tab, (tabId) => forgetLeft(tabId)) : [];
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(`tiebreak.${place}`);

  /** Whether a tab gave its pairs back when it was left; its mark has done its service then. */
  function forgetLeft(tabId: string): boolean {
    if (local?.getItem(leftPrefix + tabId) == null) return false;
    local.removeItem(leftPrefix + tabId);
    return true;
  }

  return {
    /** Outbox and pairs as they were found. */
    outbox,
    pairs,

    /** Writes what changed and tells the other tabs; false when the browser did not keep an entry. */
    async saveOutbox(before: readonly Entry[], after: readonly Entry[]): Promise<boolean> {
      if (before === after) return true;
      const known = new Set(before.map((entry) => entry.submissionId));
      const still = new Set(after.map((entry) => entry.submissionId));
      for (const entry of after)
        if (!known.has(entry.submissionId) && entry.assignmentId && entry.kind !== "report")
          channel?.postMessage({ assignmentId: entry.assignmentId, answered: endsPair(entry) } satisfies Change);
      const written = after.filter((entry) => !before.includes(entry));
      const removed = [...known].filter((id) => !still.has(id));
      try {
        await kept?.writeOutbox(written, removed);
        return kept !== null || written.length === 0;
      } catch {
        return written.length === 0;
      }
    },

    /** Writes which pairs this tab has in hand. */
    savePairs(before: readonly Pair[], after: readonly Pair[]): void {
      const removed = before.filter((pair) => !after.some((other) => other.assignmentId === pair.assignmentId));
      const change = {
        pairs: after.filter((pair) => !before.includes(pair)),
        removed: removed.map((pair) => pair.assignmentId),
      };
      const list = after.map((pair) => pair.assignmentId);
      if (list.length > 0) local?.removeItem(leftPrefix + tab.id);
      // Only a reload would have read it; it then asks the server.
      kept?.writeTab(tab.id, list, change).catch(() => {});
    },

    /** The pairs go back while the page is going away, when only this is certain to be written. */
    forgetPairs(): void {
      try {
        local?.setItem(leftPrefix + tab.id, "1");
      } catch {
        // The next page shows a pair whose lease is gone, and finds out.
      }
    },

    /** Calls back when another tab of this person answers a pair or takes an answer back. */
    onElsewhere(listener: (change: Change) => void): void {
      if (channel) channel.onmessage = ({ data }) => listener(data as Change);
    },

    /** How many pairs this browser takes along; null when nobody has said. */
    stock: (): number | null => Number(local?.getItem(stockKey)) || null,
    keepStock(pairsWanted: number): void {
      try {
        local?.setItem(stockKey, String(pairsWanted));
      } catch {
        // Said again at the next visit.
      }
    },

    /** The newest guidelines that were read here; a page that opens without a network was made before. */
    guidelinesRead: (): number => Number(local?.getItem(readKey)) || 0,
    keepGuidelinesRead(version: number): void {
      try {
        local?.setItem(readKey, String(version));
      } catch {
        // Shown again at the next opening without a network.
      }
    },

    /** Says to this person's other tabs which pairs this one holds. */
    reportTab(holding: readonly string[], at: number): void {
      try {
        local?.setItem(tabPrefix + tab.id, JSON.stringify({ at, holding }));
      } catch {
        // Another tab may then give a shared pair back; a vote on it still counts while its place is free.
      }
    },

    /** Pairs that other open tabs hold: these are not ours to give back. */
    heldElsewhere(now: number): Set<string> {
      const held = new Set<string>();
      if (!local) return held;
      for (const key of keysOf(local)) {
        if (!key.startsWith(tabPrefix) || key === tabPrefix + tab.id) continue;
        const other = parse(tabSchema, local.getItem(key));
        if (other && now - other.at < tabGoneMs) for (const id of other.holding) held.add(id);
        else local.removeItem(key);
      }
      return held;
    },

    leaveTab: (): void => local?.removeItem(tabPrefix + tab.id),

    close(): void {
      channel?.close();
      kept?.close();
      tab.release();
    },
  };
}

export type AnnotateStorage = Awaited<ReturnType<typeof openAnnotateStorage>>;

async function readOutbox(kept: KeptStore): Promise<Entry[]> {
  const found = await kept.outbox().catch(() => []);
  return found.flatMap((value) => entrySchema.safeParse(value).data ?? []).sort(byOrder);
}

/** The pairs of this tab before its reload and of tabs that died, which become this tab's; of tabs that were left, none. */
async function takeOver(kept: KeptStore, tab: TabName, wasLeft: (tabId: string) => boolean): Promise<Pair[]> {
  try {
    const tabs = [...(await kept.tabs())];
    const orphaned = ([id]: readonly [string, unknown]) => id !== tab.id && tab.open !== null && !tab.open.has(id);
    const own = tabs.filter(([id]) => id === tab.id);
    const gone = tabs.filter(orphaned);
    const pairs = new Map<string, Pair>();
    for (const [tabId, list] of [...own, ...gone]) {
      if (wasLeft(tabId)) continue;
      for (const id of list) {
        const { data } = pairSchema.safeParse(await kept.pair(id));
        if (data) pairs.set(id, data);
      }
    }
    await kept.writeTab(tab.id, [...pairs.keys()]);
    for (const [id] of gone) await kept.writeTab(id, []);
    return [...pairs.values()];
  } catch {
    return [];
  }
}
