import { join } from "node:path";
import { openDb } from "@/db/client";
import { seedDemo } from "@/server/services/demo.service";

/** Seeds the demo in a folder with a migrated database; says so when it begins. Started to be killed. */
const folder = process.argv[2] as string;
const db = openDb(join(folder, "tiebreak.db"), { durability: "full" });
process.stdout.write("seeding\n");
const seed = { pairsDir: "server/demo", ownerId: "admin", language: "en" as const };
await seedDemo({ db, snapshotsDir: join(folder, "snapshots") }, seed);
