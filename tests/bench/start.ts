import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { freePort } from "../helpers/product";
import { hardware } from "./hardware";

/**
 * `npm run bench:start`: seconds from `npm start` to the first page, in a copy of this checkout as `npm ci` leaves it: no
 * SQLite binding, no build, no data; then with the build but no data; then started again.
 */
function freshCopy(): string {
  const root = mkdtempSync(join(resolve(".."), "bench-start-"));
  const shell = (script: string) => {
    const { status, stderr } = spawnSync("sh", ["-ec", script], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  };
  shell(`git ls-files -z | xargs -0 tar cf - | tar xf - -C '${root}'`);
  // Links, for speed; what is built below is written anew.
  shell(`cp -al node_modules '${root}/node_modules'`);
  for (const made of ["better-sqlite3/build", ".cache"])
    rmSync(join(root, "node_modules", made), { recursive: true, force: true });
  return root;
}

async function secondsToFirstPage(root: string, data: string, port: number): Promise<number> {
  const began = performance.now();
  const env = { ...process.env, TIEBREAK_DATA: data, TIEBREAK_PORT: String(port) };
  const product = spawn(process.execPath, ["tools/start.mjs"], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((done) => product.once("exit", () => done()));
  let output = "";
  await new Promise<void>((running, failed) => {
    product.stdout.on("data", (chunk) => {
      output += chunk;
      if (output.includes("Stop it with Ctrl-C")) running();
    });
    product.once("exit", () => failed(new Error(`it did not start:\n${output}`)));
  });
  const page = await fetch(`http://127.0.0.1:${port}/sign-in`);
  if (page.status !== 200 || !(await page.text()).includes("</html>"))
    throw new Error(`the page came as ${page.status}`);
  const seconds = (performance.now() - began) / 1000;
  product.kill("SIGINT");
  await ended;
  return seconds;
}

const root = freshCopy();
try {
  const port = await freePort();
  const data = (name: string) => {
    const folder = join(root, "bench-data", name);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  console.log(hardware());
  const tell = async (what: string, name: string) => {
    console.log(`${what.padEnd(52)}${(await secondsToFirstPage(root, data(name), port)).toFixed(1).padStart(7)} s`);
  };
  await tell("after npm ci: SQLite compiled, all built, no data", "a");
  await tell("built, no data", "b");
  await tell("started again", "a");
} finally {
  rmSync(root, { recursive: true, force: true });
}
