import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Db, openDb } from "@/db/client";
import { migrateDatabase, NewerSchema } from "@/db/migrate";
import { findFirstAdmin } from "@/db/queries/identity.queries";
import { ensureFirstAdmin, printableAdminLink } from "../auth/adminLink";
import { type Env, EnvProblem, readEnv } from "../env";
import { createLog, type Log } from "../log";
import { seedDemo } from "../services/demo.service";
import { ensureStarterModel } from "../services/models.service";
import { checkBuilt, checkPort, databaseProblem, prepareDataFolder, StartProblem } from "./checks";
import { SupervisedChild } from "./child";
import { lockDataFolder } from "./lock";

/** This file runs as dist/supervisor.mjs. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const graceMs = 4_000;
/** The children of a supervisor that was killed are gone by then. */
const leavingMs = 5_000;

/** `npm start`, once everything is built: checks, migrates, seeds, starts web and worker, says where to go. */
async function main(): Promise<void> {
  const started = performance.now();
  const env = readEnv();
  checkBuilt(root, process.env.TIEBREAK_DIST_DIR);
  prepareDataFolder(env.dataDir);
  const { takenOver } = lockDataFolder(env.dataDir);
  await checkPort(env.host, env.port, takenOver ? leavingMs : 0);
  for (const folder of [env.snapshotsDir, env.runsDir, env.uploadsDir]) mkdirSync(folder, { recursive: true });
  const signInLink = await prepareDatabase(env).catch((error: unknown) => {
    throw databaseProblem(error, env.databaseFile);
  });

  const log = createLog("supervisor", "warn");
  const children = startChildren(env, log);
  stopTogether(children);
  await Promise.all(children.map((child) => child.start()));

  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`\nTiebreak is running at ${env.publicUrl} (started in ${seconds} s). Its data is in ${env.dataDir}.`);
  console.log(
    signInLink
      ? `Sign in as its first administrator with this link, once, within 24 hours:\n\n  ${signInLink}\n`
      : "Sign in with your e-mail and password. If you have lost them: npm run admin-link",
  );
  console.log("Stop it with Ctrl-C.");
}

/** Migrates (a backup first), seeds what must be there; returns the first admin's link while nobody has used one. */
async function prepareDatabase(env: Env): Promise<string | null> {
  const db = openDb(env.databaseFile, { durability: "full" });
  try {
    const backup = await migrateDatabase(db, join(root, "migrations"));
    if (backup) console.log(`The database was brought up to date; what it was before is in ${backup}.`);
    ensureStarterModel(db, join(root, "trainer", "starter"));
    ensureFirstAdmin(db);
    await addDemo(db, env);
    return printableAdminLink(db, env.publicUrl);
  } finally {
    db.$client.close();
  }
}

/** The demo's names are written in the language of the machine, the one thing known before anybody is there. */
async function addDemo(db: Db, { snapshotsDir }: Env): Promise<void> {
  const admin = findFirstAdmin(db);
  if (!admin) return;
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  const language = (LC_ALL || LC_MESSAGES || LANG)?.startsWith("zh") ? "zh" : "en";
  const pairsDir = join(root, "server", "demo");
  await seedDemo({ db, snapshotsDir }, { pairsDir, ownerId: admin.id, language });
}

function startChildren(env: Env, log: Log): SupervisedChild[] {
  const child = (name: "web" | "worker") =>
    new SupervisedChild({
      name,
      script: join(root, "dist", `${name}.mjs`),
      logFile: join(env.dataDir, "logs", `${name}.log`),
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
      log,
    });
  return [child("web"), child("worker")];
}

function stopTogether(children: readonly SupervisedChild[]): void {
  let stopping = false;
  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    await Promise.all(children.map((child) => child.stop(graceMs)));
    process.exit(0);
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
}

main().catch((error: unknown) => {
  const expected = error instanceof StartProblem || error instanceof NewerSchema || error instanceof EnvProblem;
  console.error(expected ? error.message : error);
  process.exit(1);
});
