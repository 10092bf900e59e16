// Builds what `npm start` runs, when the sources changed since the last time: the trainer, the processes (one file each,
// packages stay outside) and the pages.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureNative } from "./native.mjs";
import { requireNode } from "./node.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const distDir = process.env.TIEBREAK_DIST_DIR ?? ".next";
const stampFile = join(root, distDir, "tiebreak-build.txt");
const sources = ["app", "db", "i18n", "messages", "public", "server", "tools", "trainer"];
const settings = ["next.config.js", "package-lock.json", "postcss.config.mjs", "proxy.ts", "tsconfig.json"];
const made = /(^|\/)(dist|vendor|starter|node_modules)\//;

const processes = {
  supervisor: "server/supervisor/main.ts",
  adminLink: "server/supervisor/adminLink.ts",
  backup: "server/supervisor/backup.ts",
  restore: "server/supervisor/restore.ts",
  web: "server/web/main.ts",
  importer: "server/importer/main.ts",
  importFile: "server/importer/cli.ts",
  worker: "server/worker/main.ts",
  compute: "server/worker/compute.ts",
  doctor: "server/worker/doctor.ts",
  merge: "server/worker/merge.ts",
  gpuChild: "trainer/runtime/gpuChild.ts",
};

/** sha256 of everything that goes into the build. */
function sourceHash() {
  const hash = createHash("sha256").update(process.versions.node);
  const inside = (folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => `${folder}/${name}`)
      .filter((file) => !made.test(file) && statSync(join(root, file)).isFile());
  for (const file of [...sources.flatMap(inside), ...settings].sort()) {
    hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/** Whether the last build is of these sources and still whole. */
function isCurrent(hash) {
  const outputs = Object.keys(processes).map((name) => join(root, "dist", `${name}.mjs`));
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === hash && outputs.every((file) => existsSync(file));
}

async function bundleProcesses() {
  const { build } = await import("esbuild");
  await build({
    entryPoints: Object.fromEntries(Object.entries(processes).map(([name, file]) => [name, join(root, file)])),
    outdir: join(root, "dist"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    // `@/…` is this folder, not a package.
    alias: { "@": root.replace(/\/$/, "") },
    sourcemap: true,
    logLevel: "warning",
  });
}

function buildPages() {
  const next = join(root, "node_modules", "next", "dist", "bin", "next");
  const { status, stdout, stderr } = spawnSync(process.execPath, [next, "build"], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    encoding: "utf8",
  });
  if (status === 0) return;
  console.error(`${stdout}\n${stderr}\nThe pages could not be built.`);
  process.exit(1);
}

/** Brings the build up to date; says so only when there is something to do. */
export async function ensureBuilt() {
  const hash = sourceHash();
  if (isCurrent(hash)) return;
  console.log("Building Tiebreak (about a minute, only when its sources changed) …");
  const { buildTrainer } = await import("../trainer/tools/build.mjs");
  await buildTrainer();
  await bundleProcesses();
  buildPages();
  writeFileSync(stampFile, hash);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  requireNode();
  ensureNative();
  await ensureBuilt();
}
