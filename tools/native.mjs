// The one native step: makes sure better-sqlite3's binding loads. Install scripts are off (.npmrc), so nothing is built
// behind anybody's back; `npm start`, `npm test` and `npm run build` call this first and it says what it does.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

/**
 * The attempts to make, in order, until the binding loads.
 * @param {{ loads: boolean, nodeDir: string | null }} facts `nodeDir`: prefix of the running Node when it ships its headers.
 * @returns {{ name: string, says: string, env: Record<string, string> }[]}
 */
export function planNative({ loads, nodeDir }) {
  if (loads) return [];
  const prebuilt = {
    name: "prebuilt",
    says: "Looking for a prebuilt SQLite binding (a few seconds) …",
    env: {},
  };
  const fromSource = nodeDir
    ? {
        name: "local-headers",
        says: "Compiling the SQLite binding with this Node's own headers (about a minute) …",
        env: { npm_config_build_from_source: "true", npm_config_nodedir: nodeDir },
      }
    : {
        name: "downloaded-headers",
        says: "Compiling the SQLite binding; node-gyp downloads Node's headers first (a minute or two) …",
        env: { npm_config_build_from_source: "true" },
      };
  return [prebuilt, fromSource];
}

/** The prefix of the running Node when `<prefix>/include/node/node_api.h` is there, else null. */
export function findNodeDir(execPath = process.execPath, exists = existsSync) {
  const prefix = dirname(dirname(execPath));
  return exists(join(prefix, "include", "node", "node_api.h")) ? prefix : null;
}

/** Loads the binding in a process of its own: a broken one must not poison this process. */
function bindingLoads() {
  const script = "new (require('better-sqlite3'))(':memory:').close()";
  return spawnSync(process.execPath, ["-e", script], { cwd: root, stdio: "ignore" }).status === 0;
}

function attempt({ name, env }) {
  const options = { cwd: root, env: { ...process.env, ...env }, encoding: "utf8" };
  if (name === "prebuilt") {
    const bin = require.resolve("prebuild-install/bin.js");
    const cwd = dirname(require.resolve("better-sqlite3/package.json"));
    return spawnSync(process.execPath, [bin], { ...options, cwd, timeout: 20_000 });
  }
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const args = [...first, "rebuild", "better-sqlite3", "--ignore-scripts=false", "--foreground-scripts"];
  return spawnSync(command, args, {
    ...options,
    timeout: 900_000,
    shell: command === "npm" && process.platform === "win32",
  });
}

/** Makes the binding load, or ends the process with one line that says what to install. */
export function ensureNative() {
  const attempts = planNative({ loads: bindingLoads(), nodeDir: findNodeDir() });
  if (attempts.length === 0) return;
  let last = "";
  for (const step of attempts) {
    console.log(step.says);
    const result = attempt(step);
    if (bindingLoads()) return;
    last = `${result.stderr ?? ""}`.trim().split("\n").filter(Boolean).at(-1) ?? "";
  }
  console.error(
    "Tiebreak could not build its SQLite binding. Install a C++ toolchain (g++, make) and Python 3, then try again." +
      (last ? ` The last message was: ${last}` : ""),
  );
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureNative();
