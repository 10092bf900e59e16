import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import { type Db, openDb } from "@/db/client";
import { membership, project, user } from "@/db/schema/identity";
import { item, response } from "@/db/schema/items";

/** A migrated database in a file, as the product opens it where votes are acknowledged. */
export function testDb(file: string): Db {
  const db = openDb(file, { durability: "full" });
  migrate(db, { migrationsFolder: "migrations" });
  return db;
}

export interface Crowd {
  readonly annotators: number;
  readonly items: number;
  readonly overlap: number;
  readonly leaseSeconds?: number;
}

/** A project `p` with annotators u0, u1, … and open items i0, i1, …. */
export function seedCrowd(db: Db, { annotators, items, overlap, leaseSeconds = 900 }: Crowd): void {
  db.insert(project).values({ id: "p", name: "Test", overlap, leaseSeconds, seed: 5, queueSequence: items }).run();
  for (let i = 0; i < annotators; i++) {
    db.insert(user)
      .values({ id: `u${i}`, name: `U${i}`, email: `u${i}@example.org` })
      .run();
    db.insert(membership)
      .values({ projectId: "p", userId: `u${i}`, role: "annotator" })
      .run();
  }
  for (let i = 0; i < items; i++) {
    const id = `i${i}`;
    const say = (content: string) => [{ role: "assistant" as const, content }];
    db.insert(item)
      .values({
        id,
        projectId: "p",
        prompt: [{ role: "user", content: id }],
        promptHash: id,
        contentHash: id,
        openSlots: overlap,
        queuePosition: i + 1,
      })
      .run();
    db.insert(response)
      .values([
        { id: `${id}a`, itemId: id, slot: "a", messages: say("first"), sourceModel: "secret-model" },
        { id: `${id}b`, itemId: id, slot: "b", messages: say("second"), sourceModel: "other-model" },
      ])
      .run();
  }
}
