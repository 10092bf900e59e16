// `npm start` and `npm run admin-link`: the native step, the build when something changed, then the built program.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensureBuilt } from "./build.mjs";
import { ensureNative } from "./native.mjs";
import { requireNode } from "./node.mjs";

requireNode();
ensureNative();
await ensureBuilt();

const program = process.argv[2] ?? "supervisor";
const script = fileURLToPath(new URL(`../dist/${program}.mjs`, import.meta.url));
const child = spawn(process.execPath, ["--enable-source-maps", script], { stdio: "inherit" });
// Ctrl-C reaches the child by itself; what is sent to this process alone is passed on.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
