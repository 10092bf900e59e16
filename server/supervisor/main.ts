import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDb } from "@/db/client";
import { migrateDatabase } from "@/db/migrate";
import { seedOnce } from "@/db/seed/seedOnce";
import { printableAdminLink } from "../auth/adminLink";
import { type Env, readEnv } from "../env";
import { createLog } from "../log";
import { checkBuilt, checkPort, prepareDataFolder, StartProblem } from "./checks";
import { SupervisedChild } from "./child";
import { lockDataFolder } from "./lock";

/**
 * `npm start` ends here: checks, migrates, seeds, then keeps the web process and the training worker alive until Ctrl-C.
 * The terminal shows lines for a person; the processes' JSON logs go to `<data>/logs/`.
 */
const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);

async function prepareDatabase(env: Env): Promise<string | null> {
  const db = openDb(env.databaseFile, { durability: "full" });
  try {
    const backup = await migrateDatabase(db, join(root, "migrations"));
    if (backup) console.log(`The database gets a new layout; the old one is kept at ${backup}`);
    await seedOnce(db, { root, dataDir: env.dataDir });
    return printableAdminLink(db, env.publicUrl);
  } finally {
    db.$client.close();
  }
}

async function start(): Promise<void> {
  const env = readEnv();
  checkBuilt(root);
  prepareDataFolder(env.dataDir);
  lockDataFolder(env.dataDir);
  await checkPort(env.host, env.port);
  const link = await prepareDatabase(env);

  const log = createLog("supervisor", "warn");
  const childEnv = {
    ...process.env,
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    TIEBREAK_DATA: env.dataDir,
    TIEBREAK_ROOT: root,
  };
  const child = (name: "web" | "worker") =>
    new SupervisedChild({
      name,
      script: join(here, `${name}.mjs`),
      logFile: join(env.dataDir, "logs", `${name}.log`),
      env: childEnv,
      log,
    });
  const web = child("web");
  const worker = child("worker");

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await Promise.all([web.stop(5_000), worker.stop(10_000)]);
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("SIGHUP", stop);

  void worker.start();
  await web.start();
  console.log(`\nTiebreak is ready: ${env.publicUrl}`);
  if (link) console.log(`Sign in as its administrator with this link; it works once:\n  ${link}`);
  console.log(`Data and logs are in ${env.dataDir}. Stop with Ctrl-C.`);
}

start().catch((error: unknown) => {
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof StartProblem) console.error(error.message);
  else if (code === "ENOSPC" || code === "SQLITE_FULL")
    console.error("The disk is full. Free some space, or set TIEBREAK_DATA to another disk.");
  else console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
