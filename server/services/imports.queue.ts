import { and, asc, eq } from "drizzle-orm";
import { writeTx } from "@/db/client";
import { importBatch } from "@/db/schema/items";
import type { Log } from "../log";
import { type ImportStore, runImport } from "./imports.run";
import { removeAbandoned } from "./uploads.service";

const tickMs = 300;
const cleanMs = 3_600_000;

/**
 * Runs the imports that somebody asked for, one after the other, in the process that also takes the votes: one writer needs
 * no lock that a vote would wait for. What a crash left half-way goes on at the next start.
 */
export class ImportQueue {
  #busy: Promise<void> | null = null;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(
    readonly store: ImportStore,
    readonly log: Log,
  ) {}

  start(): void {
    const { db } = this.store;
    // Nobody else runs imports on this folder: what is running was left behind.
    db.update(importBatch).set({ state: "queued" }).where(eq(importBatch.state, "running")).run();
    this.#timers.push(setInterval(() => this.#tick(), tickMs).unref());
    const clean = () => removeAbandoned(this.store).catch((err: unknown) => this.log.error({ err }, "old uploads"));
    this.#timers.push(setInterval(clean, cleanMs).unref());
    void clean();
  }

  /** Takes no further import. */
  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #tick(): void {
    this.#busy ??= this.#next().finally(() => {
      this.#busy = null;
    });
  }

  async #next(): Promise<void> {
    const batch = this.#claim();
    if (!batch) return;
    const { id: importId } = batch;
    try {
      await runImport(this.store, batch);
    } catch (err) {
      this.log.error({ importId, err }, "an import stopped");
    }
  }

  #claim() {
    const { db } = this.store;
    const found = db
      .select()
      .from(importBatch)
      .where(eq(importBatch.state, "queued"))
      .orderBy(asc(importBatch.createdAt))
      .limit(1)
      .get();
    if (!found) return null;
    const where = and(eq(importBatch.id, found.id), eq(importBatch.state, "queued"));
    const { changes } = writeTx(db, (tx) => tx.update(importBatch).set({ state: "running" }).where(where).run());
    return changes === 1 ? found : null;
  }
}
