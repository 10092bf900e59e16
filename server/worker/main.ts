import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openDb } from "@/db/client";
import { readEnv } from "../env";
import { createLog } from "../log";
import { endWithParent } from "../parent";
import { WebhookSender } from "../webhooks/sender";
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
const log = createLog("worker", env.logLevel);
const worker = new Worker({
  db,
  dataDir: env.dataDir,
  starterDir: values.starter,
  hub: env.hub,
  leaseMs: Number(values["lease-ms"]),
  log,
  computeScript: values.compute,
  doctorScript: join(here, "doctor.mjs"),
});
const webhooks = new WebhookSender({
  db,
  log,
  tickMs: 1_000,
  timeoutMs: 15_000,
  allowPrivate: env.webhooksPrivate,
});

let stopped = false;
function giveBack(): void {
  if (stopped) return;
  stopped = true;
  webhooks.stop();
  worker.stop();
  db.$client.close();
}
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    giveBack();
    process.exit(0);
  });
}

worker.start();
webhooks.start();
endWithParent(giveBack);
process.send?.({ type: "ready" });
