import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Db } from "@/db/client";
import { listJudgedItems } from "@/db/queries/snapshots.queries";
import { snapshot } from "@/db/schema/datasets";
import { project, user } from "@/db/schema/identity";
import { item } from "@/db/schema/items";
import { judgement } from "@/db/schema/tasks";
import { warmthOf } from "@/server/domain/demo/warmth";
import { authorize } from "@/server/services/access";
import { seedDemo } from "@/server/services/demo.service";
import { getItem, listItems } from "@/server/services/items.service";
import { testDb } from "../../helpers/testDb";

const seed = { pairsDir: "server/demo", ownerId: "admin", language: "en" as const };

function instance() {
  const folder = mkdtempSync(join(tmpdir(), "demo-"));
  const db = testDb(join(folder, "tiebreak.db"));
  db.insert(user).values({ id: "admin", name: "Admin", email: "admin@localhost", instanceRole: "admin" }).run();
  return { folder, db, snapshotsDir: join(folder, "snapshots") };
}

const counts = (db: Db) => ({
  projects: db.select().from(project).all().length,
  items: db.select().from(item).all().length,
  judgements: db.select().from(judgement).all().length,
  snapshots: db.select().from(snapshot).all().length,
});

test("the first start has pairs to label and pairs labelled by the rule, with a snapshot; the second adds nothing", async () => {
  const store = instance();
  await seedDemo(store, seed);
  const first = counts(store.db);
  expect(first).toEqual({ projects: 2, items: 2080, judgements: 2000, snapshots: 1 });
  await seedDemo(store, seed);
  expect(counts(store.db)).toEqual(first);
  const [made] = store.db.select().from(snapshot).all();
  expect(made).toMatchObject({ projectId: "demo-warmth", judgements: 2000, ruleJudgements: 2000 });
  expect(made?.prompts).toBe(2000);
  expect(made?.testPairs).toBeGreaterThanOrEqual(200);
  const card = readFileSync(join(store.snapshotsDir, made?.contentHash ?? "", "README.md"), "utf8");
  expect(card).toContain("Labelled by a rule, not by people.");
});

test("the administrator owns both; the pairs to label are open and say nothing of a verdict", async () => {
  const { db, ...store } = instance();
  await seedDemo({ db, ...store }, seed);
  const access = authorize(db, "admin", "demo-stories", "admin");
  const { items, total } = listItems(db, access, { cursor: null, state: "open", search: "", limit: 5 });
  expect([access.role, total]).toEqual(["owner", 80]);
  expect(items.every(({ verdicts, votes }) => verdicts.length === 0 && votes === 0)).toBe(true);
});

test("each judgement prefers the answer that is warmer as counted anew, and says that a rule made it", async () => {
  const { db, ...store } = instance();
  await seedDemo({ db, ...store }, seed);
  const text = (messages: readonly { content: string }[]) => warmthOf(messages.map((m) => m.content).join("")).score;
  for (const { a, b, judgements } of listJudgedItems(db, "demo-warmth", "", 5000)) {
    expect(Math.sign(judgements[0]?.verdict ?? 0)).toBe(Math.sign(text(b) - text(a)));
  }
  const access = authorize(db, "admin", "demo-warmth", "admin");
  const [first] = listItems(db, access, { cursor: null, state: "all", search: "", limit: 1 }).items;
  expect(getItem(db, access, first?.id ?? "").judgements).toMatchObject([{ byRule: true, imported: false }]);
});

test("what was deleted does not come back, and an instance that has projects gets none", async () => {
  const store = instance();
  await seedDemo(store, seed);
  store.db.run(sql`delete from snapshot`);
  store.db.delete(project).run();
  await seedDemo(store, seed);
  expect(counts(store.db)).toEqual({ projects: 0, items: 0, judgements: 0, snapshots: 0 });

  const lived = instance();
  lived.db.insert(project).values({ id: "p", name: "Ours" }).run();
  await seedDemo(lived, seed);
  lived.db.delete(project).where(eq(project.id, "p")).run();
  await seedDemo(lived, seed);
  expect(counts(lived.db).projects).toBe(0);
});

test("a start killed at any moment of seeding leaves all of it or none, and the next one completes it", async () => {
  const expected = { projects: 2, items: 2080, judgements: 2000, snapshots: 1 };
  for (const delay of [0, 100, 300, 600]) {
    const { folder, db, snapshotsDir } = instance();
    db.$client.close();
    const child = spawn(process.execPath, ["--import", "tsx", "tests/integration/data/demoSeeder.ts", folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
    setTimeout(() => child.kill("SIGKILL"), delay);
    await new Promise((resolve) => child.once("exit", resolve));
    const again = testDb(join(folder, "tiebreak.db"));
    expect([0, 2]).toContain(counts(again).projects);
    expect([0, 2080]).toContain(counts(again).items);
    await seedDemo({ db: again, snapshotsDir }, seed);
    expect(counts(again)).toEqual(expected);
    const [made] = again.select().from(snapshot).all();
    expect(existsSync(join(snapshotsDir, made?.contentHash ?? "", "manifest.json"))).toBe(true);
    expect(readdirSync(snapshotsDir).filter((name) => !name.startsWith("."))).toHaveLength(1);
  }
});
