import { readFileSync } from "node:fs";
import { join } from "node:path";
import { snapshot } from "@/db/schema/datasets";
import { user } from "@/db/schema/identity";
import { seedDemo } from "@/server/services/demo.service";
import { snapshotFolder } from "@/server/services/snapshots.files";
import type { PreferenceExample } from "@/trainer/contracts/example";
import { testDb } from "../../helpers/testDb";

/** The demo's snapshot as the first start makes it, in a folder of one's own. */
export async function demoSnapshot(folder: string): Promise<string> {
  const snapshotsDir = join(folder, "snapshots");
  const db = testDb(join(folder, "tiebreak.db"));
  db.insert(user).values({ id: "admin", name: "Admin", email: "admin@localhost", instanceRole: "admin" }).run();
  await seedDemo({ db, snapshotsDir }, { pairsDir: "server/demo", ownerId: "admin", language: "en" });
  const hash = db.select().from(snapshot).get()?.contentHash ?? "";
  db.$client.close();
  return snapshotFolder(snapshotsDir, hash);
}

export const readPairs = (dataset: string, split: "train" | "test"): PreferenceExample[] =>
  readFileSync(join(dataset, `${split}.jsonl`), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
