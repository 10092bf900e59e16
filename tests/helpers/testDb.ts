import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import { type Db, openDb } from "@/db/client";
import { membership, project, user } from "@/db/schema/identity";

/** A migrated database in a file, as the product opens it where votes are acknowledged. */
export function testDb(file: string): Db {
  const db = openDb(file, { durability: "full" });
  migrate(db, { migrationsFolder: "migrations" });
  return db;
}

export interface Crowd extends Texts {
  readonly annotators: number;
  readonly items: number;
  readonly overlap: number;
  readonly leaseSeconds?: number;
}

/** What the i-th item says. */
interface Texts {
  readonly prompt?: (i: number) => string;
  readonly first?: (i: number) => string;
  readonly second?: (i: number) => string;
}

/** A project `p` with annotators u0, u1, … and open items i0, i1, …. */
export function seedCrowd(db: Db, { annotators, items, overlap, leaseSeconds = 900, ...texts }: Crowd): void {
  db.insert(project).values({ id: "p", name: "Test", overlap, leaseSeconds, seed: 5 }).run();
  for (let i = 0; i < annotators; i++) {
    db.insert(user)
      .values({ id: `u${i}`, name: `U${i}`, email: `u${i}@example.org` })
      .run();
    db.insert(membership)
      .values({ projectId: "p", userId: `u${i}`, role: "annotator" })
      .run();
  }
  seedItems(db, { count: items, overlap, ...texts });
}

/** Adds open items to project `p`, numbered from `from`, in one transaction of prepared statements: 100,000 take seconds. */
export function seedItems(
  db: Db,
  {
    from = 0,
    count,
    overlap,
    prompt = (i) => `i${i}`,
    first = () => "first",
    second = () => "second",
  }: { from?: number; count: number; overlap: number } & Texts,
): void {
  const { $client } = db;
  const addItem = $client.prepare(
    `INSERT INTO item (id, project_id, prompt, prompt_hash, content_hash, open_slots, queue_position)
     VALUES (@id, 'p', @prompt, @id, @id, @overlap, (SELECT queue_sequence FROM project WHERE id = 'p'))`,
  );
  const nextPlace = $client.prepare("UPDATE project SET queue_sequence = queue_sequence + 1 WHERE id = 'p'");
  const addResponse = $client.prepare(
    "INSERT INTO response (id, item_id, slot, messages, source_model) VALUES (?, ?, ?, ?, ?)",
  );
  const says = (role: "user" | "assistant", content: string) => JSON.stringify([{ role, content }]);
  $client
    .transaction(() => {
      for (let i = from; i < from + count; i++) {
        const id = `i${i}`;
        nextPlace.run();
        addItem.run({ id, prompt: says("user", prompt(i)), overlap });
        addResponse.run(`${id}a`, id, "a", says("assistant", first(i)), "secret-model");
        addResponse.run(`${id}b`, id, "b", says("assistant", second(i)), "other-model");
      }
    })
    .immediate();
}
