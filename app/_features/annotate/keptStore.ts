import { type DBSchema, openDB } from "idb";
import type { Entry, Pair } from "./outbox";

interface Kept extends DBSchema {
  outbox: { key: [place: string, submissionId: string]; value: Entry };
  pairs: { key: [place: string, assignmentId: string]; value: Pair };
  /** Which pairs a tab has in hand, in their order. */
  tabs: { key: [place: string, tabId: string]; value: string[] };
}

const open = () =>
  openDB<Kept>("tiebreak", 1, {
    upgrade(db) {
      for (const name of ["outbox", "pairs", "tabs"] as const) db.createObjectStore(name);
    },
  });

/**
 * IndexedDB, as far as one person's work in one project (`place`) goes. What it says is written is on the disk: it outlives
 * the death of the browser a moment later, which `localStorage` does not.
 */
export async function openKeptStore(place: string) {
  const db = await open();
  // An array comes after every string.
  const here = IDBKeyRange.bound([place], [place, []]);
  return {
    outbox: (): Promise<unknown[]> => db.getAll("outbox", here),

    async writeOutbox(entries: readonly Entry[], removed: readonly string[]): Promise<void> {
      const tx = db.transaction("outbox", "readwrite", { durability: "strict" });
      const writes = entries.map((entry) => tx.store.put(entry, [place, entry.submissionId]));
      await Promise.all([...writes, ...removed.map((id) => tx.store.delete([place, id])), tx.done]);
    },

    async tabs(): Promise<Map<string, readonly string[]>> {
      const tx = db.transaction("tabs");
      const [keys, lists] = await Promise.all([tx.store.getAllKeys(here), tx.store.getAll(here)]);
      return new Map(keys.map(([, tabId], i) => [tabId, lists[i] ?? []]));
    },

    pair: (assignmentId: string): Promise<unknown> => db.get("pairs", [place, assignmentId]),

    /** A tab has these pairs in hand now; `pairs` are those that are new to it, `removed` those it no longer has. */
    async writeTab(
      tabId: string,
      list: readonly string[],
      { pairs = [], removed = [] }: { pairs?: readonly Pair[]; removed?: readonly string[] } = {},
    ): Promise<void> {
      const tx = db.transaction(["tabs", "pairs"], "readwrite");
      const [tabs, kept] = [tx.objectStore("tabs"), tx.objectStore("pairs")];
      const key: [string, string] = [place, tabId];
      await Promise.all([
        list.length > 0 ? tabs.put([...list], key) : tabs.delete(key),
        ...pairs.map((pair) => kept.put(pair, [place, pair.assignmentId])),
        ...removed.map((id) => kept.delete([place, id])),
        tx.done,
      ]);
    },

    close: (): void => db.close(),
  };
}

export type KeptStore = Awaited<ReturnType<typeof openKeptStore>>;

/** Forgets every pair that this browser keeps, whoever's it was; votes that are not sent yet stay. */
export async function forgetKeptPairs(): Promise<void> {
  const db = await open();
  try {
    const tx = db.transaction(["pairs", "tabs"], "readwrite");
    await Promise.all([tx.objectStore("pairs").clear(), tx.objectStore("tabs").clear(), tx.done]);
  } finally {
    db.close();
  }
}
