import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { Db } from "@/db/client";
import { snapshot } from "@/db/schema/datasets";
import { membership, project, user } from "@/db/schema/identity";
import { authorize } from "@/server/services/access";
import { ensureStarterModel } from "@/server/services/models.service";
import { buildVendor } from "@/trainer/tools/buildVendor.mjs";
import { testDb } from "../../helpers/testDb";
import { writeRuleDataset, writeTinyModel } from "../../helpers/tinyModel";

const bundles = "node_modules/.cache/tiebreak-tests/worker";

/** Builds the worker and its child as the product ships them. */
export async function buildWorker(): Promise<void> {
  await buildVendor();
  await build({
    entryPoints: {
      main: "server/worker/main.ts",
      compute: "server/worker/compute.ts",
      doctor: "server/worker/doctor.ts",
    },
    outdir: bundles,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    alias: { "@": resolve(".") },
    logLevel: "error",
  });
}

interface StartedWorker {
  readonly process: ChildProcess;
  /** Process id of its computing child now, as its log says. */
  computePid(): number;
}

export interface Bench {
  readonly db: Db;
  readonly dataDir: string;
  readonly starterDir: string;
  readonly snapshotsDir: string;
  /** `compute`: another file for the computing child. */
  startWorker(leaseMs?: number, compute?: string, variables?: Readonly<Record<string, string>>): StartedWorker;
  /** Ends every worker started here. */
  end(): void;
}

/** A data folder with a project `p` of which `u` is admin, a tiny starter model and snapshot `s` with a rule to learn. */
export function bench({ pairs = 64 } = {}): Bench {
  const dataDir = mkdtempSync(join(tmpdir(), "worker-"));
  const starterDir = writeTinyModel(join(dataDir, "starter"));
  const db = testDb(join(dataDir, "tiebreak.db"));
  ensureStarterModel(db, starterDir);
  db.insert(user).values({ id: "u", name: "U", email: "u@example.org" }).run();
  db.insert(project).values({ id: "p", name: "Test" }).run();
  db.insert(membership).values({ projectId: "p", userId: "u", role: "admin" }).run();
  const contentHash = "c0ffee";
  mkdirSync(join(dataDir, "snapshots"), { recursive: true });
  writeRuleDataset(join(dataDir, "snapshots", contentHash), pairs);
  const trainPairs = Math.floor(pairs * 0.75);
  const counts = { trainPairs, testPairs: pairs - trainPairs, prompts: 7, judgements: pairs };
  db.insert(snapshot)
    .values({ id: "s", projectId: "p", number: 1, contentHash, rule: {}, excluded: {}, ...counts })
    .run();
  const workers: ChildProcess[] = [];
  return {
    db,
    dataDir,
    starterDir,
    snapshotsDir: join(dataDir, "snapshots"),
    startWorker(leaseMs = 1_500, compute = join(bundles, "compute.mjs"), variables = {}) {
      const options = { starter: starterDir, "lease-ms": String(leaseMs), compute };
      const args = [join(bundles, "main.mjs"), ...Object.entries(options).flatMap(([name, v]) => [`--${name}`, v])];
      const child = spawn(process.execPath, args, {
        stdio: ["ignore", "pipe", "inherit", "ipc"],
        env: { ...process.env, TIEBREAK_DATA: dataDir, ...variables },
      });
      let log = "";
      child.stdout?.on("data", (chunk) => {
        log += chunk;
      });
      workers.push(child);
      return { process: child, computePid: () => Number([...log.matchAll(/"computePid":(\d+)/g)].at(-1)?.[1]) };
    },
    end() {
      for (const worker of workers) worker.kill("SIGTERM");
    },
  };
}

export const admin = (db: Db) => authorize(db, "u", "p", "admin");
