// `npm test`: the native step, the build (the pages are tested as they are shipped), then the suites, the fast ones first.
import { spawnSync } from "node:child_process";
import { ensureBuilt } from "./build.mjs";
import { ensureNative } from "./native.mjs";
import { requireNode } from "./node.mjs";

requireNode();
ensureNative();
await ensureBuilt();
if (!process.env.TIEBREAK_REAL_DATA)
  console.log("TIEBREAK_REAL_DATA is not set: suites that need real data are skipped.");
const vitest = ["node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, vitest, { stdio: "inherit" });
process.exit(status ?? 1);
