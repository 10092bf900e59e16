import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDb } from "@/db/client";
import { readEnv } from "../env";
import { createLog } from "../log";
import { Worker } from "./worker";

/** This file runs as dist/worker.mjs, its child beside it. */
const here = dirname(fileURLToPath(import.meta.url));

const { values } = parseArgs({
  options: {
    compute: { type: "string", default: join(here, "compute.mjs") },
    starter: { type: "string", default: join(dirname(here), "trainer", "starter") },
    "lease-ms": { type: "string", default: "15000" },
  },
});

const env = readEnv();
const db = openDb(env.databaseFile, { durability: "normal" });
const worker = new Worker({
  db,
  dataDir: env.dataDir,
  starterDir: values.starter,
  leaseMs: Number(values["lease-ms"]),
  log: createLog("worker", env.logLevel),
  computeScript: values.compute,
});

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  worker.stop();
  db.$client.close();
  process.exit(0);
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
// The supervisor is gone.
process.on("disconnect", stop);

worker.start();
process.send?.({ type: "ready" });
