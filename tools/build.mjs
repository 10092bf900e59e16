// Builds what must be built, once per state of the sources: the trainer's bundle, the web pages, and the three processes
// (supervisor, web, worker with its compute child) as plain .mjs files that need no development tool to run.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureNative } from "./native.mjs";
import { requireNode } from "./node.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inputs = [
  "app",
  "db",
  "i18n",
  "messages",
  "server",
  "tools",
  "trainer",
  "public",
  "package-lock.json",
  "next.config.js",
  "proxy.ts",
  "postcss.config.mjs",
  "tsconfig.json",
];
const skipped = new Set(["node_modules", "dist", "vendor", "starter"]);

const entryPoints = {
  supervisor: "server/supervisor/main.ts",
  adminLink: "server/supervisor/adminLink.ts",
  web: "server/web/main.ts",
  worker: "server/worker/main.ts",
  compute: "server/worker/compute.ts",
};

/** sha256 over the paths and contents of everything the build reads. */
function sourceHash() {
  const hash = createHash("sha256").update(process.versions.node);
  const visit = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    if (statSync(full).isFile()) {
      hash.update(path).update("\0").update(readFileSync(full));
      return;
    }
    for (const name of readdirSync(full).sort()) if (!skipped.has(name)) visit(join(path, name));
  };
  for (const path of inputs) visit(path);
  return hash.digest("hex");
}

/** Bundles the processes; packages stay outside and are resolved from node_modules at run time. */
export async function buildProcesses(outdir = join(root, "dist")) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: Object.fromEntries(Object.entries(entryPoints).map(([name, path]) => [name, join(root, path)])),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    sourcemap: true,
    logLevel: "warning",
    absWorkingDir: root,
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
}

function buildPages() {
  const next = join(root, "node_modules/next/dist/bin/next");
  const result = spawnSync(process.execPath, [next, "build"], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    encoding: "utf8",
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout}${result.stderr}`);
  throw new Error("next build failed; its messages are above.");
}

/** Builds when a source changed since the last build; says so, since it takes a while. */
export async function build({ force = false } = {}) {
  const stamp = join(root, "dist", "build.json");
  const hash = sourceHash();
  const last = existsSync(stamp) ? JSON.parse(readFileSync(stamp, "utf8")).hash : null;
  if (last === hash && !force) return;
  console.log("Building Tiebreak (half a minute to a minute, only after an install or a change) …");
  const { buildTrainer } = await import("../trainer/tools/build.mjs");
  await buildTrainer();
  await buildProcesses();
  buildPages();
  mkdirSync(dirname(stamp), { recursive: true });
  // Taken again: `next build` may complete tsconfig.json, and that must not count as a change the next time.
  writeFileSync(stamp, JSON.stringify({ hash: sourceHash() }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  requireNode();
  ensureNative();
  await build({ force: process.argv.includes("--force") });
}
