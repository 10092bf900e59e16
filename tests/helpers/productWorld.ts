import { mkdirSync, mkdtempSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inArray } from "drizzle-orm";
import { snapshot } from "@/db/schema/datasets";
import { membership, user } from "@/db/schema/identity";
import { model, run } from "@/db/schema/runs";
import type { App } from "@/server/app";
import { readEnv } from "@/server/env";
import { createLog } from "@/server/log";
import { authorize } from "@/server/services/access";
import { createRun } from "@/server/services/runs.service";
import type { Settings } from "@/trainer/contracts/settings";
import { freePort } from "./product";
import { sessionCookie } from "./session";
import { type Crowd, seedCrowd, testDb } from "./testDb";
import { writeRuleDataset, writeTinyModel } from "./tinyModel";
import { type Caller, trpcCaller } from "./trpcHttp";

/** A data folder with a project `p`, its annotators, an admin and something to train on, before the product runs on it. */
export interface ProductWorld {
  readonly app: App;
  readonly port: number;
  /** Who `u<i>` is to the server, over a connection pool of their own. */
  signIn(i: number): Promise<Caller>;
  /** Queues a training run on the snapshot. */
  train(baseModelId: "tiny" | "starter", settings?: Settings): string;
  /** Runs that have not ended. */
  openRuns(): number;
}

export async function productWorld(crowd: Crowd, { pairs = 512 } = {}): Promise<ProductWorld> {
  const dataDir = mkdtempSync(join(tmpdir(), "tiebreak-"));
  const port = await freePort();
  const env = readEnv({ TIEBREAK_DATA: dataDir, TIEBREAK_PORT: String(port) });
  const db = testDb(env.databaseFile);
  const app = { env, db, log: createLog("web", "fatal") };
  seedCrowd(db, crowd);
  db.insert(user).values({ id: "boss", name: "Boss", email: "boss@example.org" }).run();
  db.insert(membership).values({ projectId: "p", userId: "boss", role: "admin" }).run();
  seedTraining(app, pairs);
  return {
    app,
    port,
    async signIn(i) {
      const cookie = await sessionCookie(app, `u${i}`);
      return trpcCaller(env.publicUrl, cookie, new Agent({ keepAlive: true }));
    },
    train(baseModelId, settings) {
      const access = authorize(db, "boss", "p", "admin");
      return createRun(db, access, { snapshotId: "s", kind: "dpo", preset: "quick", baseModelId, settings }).runId;
    },
    openRuns: () =>
      db
        .select({ id: run.id })
        .from(run)
        .where(inArray(run.state, ["queued", "running"]))
        .all().length,
  };
}

/** Snapshot `s` and a model `tiny` whose steps take milliseconds. */
function seedTraining({ db, env }: App, pairs: number): void {
  const contentHash = "c0ffee";
  mkdirSync(env.snapshotsDir, { recursive: true });
  writeRuleDataset(join(env.snapshotsDir, contentHash), pairs);
  const trainPairs = Math.floor(pairs * 0.75);
  const counts = { trainPairs, testPairs: pairs - trainPairs, prompts: 7, judgements: pairs };
  db.insert(snapshot)
    .values({ id: "s", projectId: "p", number: 1, contentHash, rule: {}, excluded: {}, ...counts })
    .run();
  writeTinyModel(join(env.dataDir, "models", "tiny"));
  const size = { parameters: 1, bytes: 1 };
  db.insert(model)
    .values({ id: "tiny", projectId: "p", kind: "policy", name: "Tiny", path: "models/tiny", ...size })
    .run();
}
