import { z } from "zod";
import { messagesSchema } from "@/trainer/contracts/message";
import { byOrder, type Entry, type Pair } from "./outbox";

const base = { submissionId: z.string(), order: z.number(), attempts: z.number() };
const lease = { assignmentId: z.string(), leaseToken: z.string() };
const entrySchema: z.ZodType<Entry> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("vote"),
    ...base,
    ...lease,
    verdict: z.union([z.number(), z.literal("bad")]),
    reason: z.string().nullable(),
    durationMs: z.number(),
  }),
  z.object({ kind: z.literal("skip"), ...base, ...lease }),
  z.object({
    kind: z.literal("undo"),
    ...base,
    target: z.string().nullable(),
    assignmentId: z.string().nullable(),
  }),
]);
const pairsSchema: z.ZodType<Pair[]> = z.array(
  z.object({ ...lease, itemId: z.string(), prompt: messagesSchema, left: messagesSchema, right: messagesSchema }),
);
const tabSchema = z.object({ at: z.number(), holding: z.array(z.string()) });

/** Background tabs report once a minute at best; one that has not for longer is gone. */
const tabGoneMs = 150_000;

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

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

/**
 * What the browser keeps of one person's work in one project. Every outbox entry has a key of its own, so two tabs never
 * overwrite each other's; the pairs on the page belong to the tab. A browser that keeps nothing loses nothing but that.
 */
export function annotateStorage({ projectId, userId }: Scope, local: Store | null, session: Store | null) {
  const place = `${projectId}.${userId}`;
  const outboxPrefix = `tiebreak.outbox.${place}.`;
  const tabPrefix = `tiebreak.tab.${place}.`;
  const pairsKey = `tiebreak.pairs.${place}`;

  return {
    loadOutbox(): Entry[] {
      if (!local) return [];
      const keys = keysOf(local).filter((key) => key.startsWith(outboxPrefix));
      return keys
        .map((key) => parse(entrySchema, local.getItem(key)))
        .filter((entry) => entry !== null)
        .sort(byOrder);
    },

    /** Writes what changed; false when the browser refused to keep an entry. */
    saveOutbox(before: readonly Entry[], after: readonly Entry[]): boolean {
      if (before === after) return true;
      try {
        const kept = new Set(after.map((entry) => entry.submissionId));
        for (const entry of after) {
          if (!before.includes(entry)) local?.setItem(outboxPrefix + entry.submissionId, JSON.stringify(entry));
        }
        for (const { submissionId } of before)
          if (!kept.has(submissionId)) local?.removeItem(outboxPrefix + submissionId);
        return local !== null;
      } catch {
        return false;
      }
    },

    loadPairs: (): Pair[] => parse(pairsSchema, session?.getItem(pairsKey) ?? null) ?? [],

    savePairs(pairs: readonly Pair[]): void {
      try {
        if (pairs.length > 0) session?.setItem(pairsKey, JSON.stringify(pairs));
        else session?.removeItem(pairsKey);
      } catch {
        // Only a reload would have read it; it then asks the server.
      }
    },

    /** What a change made by another tab says about a pair, or null. */
    readChange(change: { key: string | null; oldValue: string | null; newValue: string | null }) {
      if (!change.key?.startsWith(outboxPrefix) || change.oldValue !== null) return null;
      const entry = parse(entrySchema, change.newValue);
      return entry?.assignmentId ? { assignmentId: entry.assignmentId, answered: entry.kind !== "undo" } : null;
    },

    /** Says to this person's other tabs which pairs this one holds. */
    reportTab(tabId: string, holding: readonly string[], at: number): void {
      try {
        local?.setItem(tabPrefix + tabId, JSON.stringify({ at, holding }));
      } catch {
        // Another tab may then give a shared pair back; a vote on it still counts while its place is free.
      }
    },

    leaveTab: (tabId: string): void => local?.removeItem(tabPrefix + tabId),

    /** Pairs that other open tabs hold: these are not ours to give back. */
    heldElsewhere(tabId: string, now: number): Set<string> {
      const held = new Set<string>();
      if (!local) return held;
      for (const key of keysOf(local)) {
        if (!key.startsWith(tabPrefix) || key === tabPrefix + tabId) continue;
        const tab = parse(tabSchema, local.getItem(key));
        if (tab && now - tab.at < tabGoneMs) for (const id of tab.holding) held.add(id);
        else local.removeItem(key);
      }
      return held;
    },
  };
}

export type AnnotateStorage = ReturnType<typeof annotateStorage>;
