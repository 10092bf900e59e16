import { spawn } from "node:child_process";
import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { importBatch, item } from "@/db/schema/items";
import { createLog } from "@/server/log";
import { ImportQueue } from "@/server/services/imports.queue";
import { lockDataFolder } from "@/server/supervisor/lock";
import { jsonLines, openProject } from "./dataHelpers";

/** The command as `npm run import` runs it, bundled as the product's build does it. */
const built = resolve("node_modules/.cache/tiebreak-tests/importCli");
beforeAll(async () => {
  await build({
    entryPoints: { importFile: "server/importer/cli.ts", importer: "server/importer/main.ts" },
    outdir: join(built, "dist"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    alias: { "@": resolve(".") },
    logLevel: "error",
  });
  if (!existsSync(join(built, "migrations"))) symlinkSync(resolve("migrations"), join(built, "migrations"));
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(dataDir: string, ...args: string[]): Promise<Ran> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(built, "dist/importFile.mjs"), "importFile", ...args], {
      env: { ...process.env, TIEBREAK_DATA: dataDir },
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    child.on("exit", (code) => done({ code, out, err }));
  });
}

const rows = [
  { prompt: "q", chosen: "x", rejected: "y" },
  { prompt: "r", chosen: "", rejected: "y" },
  { prompt: "s", chosen: "x", rejected: "y" },
];

test("a file comes in from the shell, with Tiebreak stopped and with it running; the second time it adds nothing", async () => {
  const p = openProject();
  const file = join(p.folder, "pairs.jsonl");
  writeFileSync(file, jsonLines(rows));
  const asked = (...more: string[]) => run(p.folder, file, "--project", "Test", ...more);

  const dry = await asked("--dry-run", "--json");
  expect(dry.err).toBe("");
  expect([dry.code, JSON.parse(dry.out)]).toMatchObject([
    0,
    { rowsRead: 3, rowsRefused: 1, problems: [{ line: 2, field: "chosen" }] },
  ]);
  expect(p.db.select().from(item).all()).toEqual([]);
  expect(readdirSync(p.store.uploadsDir)).toEqual([]);

  const first = await asked();
  expect(first.out).toBe("finished: 3 rows read, 2 pairs added, 0 known already, 2 judgements added, 1 refused\n");
  expect(first.err).toMatch(/^line 2, chosen: The response is empty/m);

  // A server has the folder: its queue does the work.
  lockDataFolder(p.folder);
  const queue = new ImportQueue(p.store, createLog("web", "fatal"));
  queue.start();
  const second = await asked("--json");
  queue.stop();
  expect(JSON.parse(second.out)).toMatchObject({ state: "finished", itemsAdded: 0, itemsKnown: 2, judgementsAdded: 0 });
  expect(p.db.select().from(item).all()).toHaveLength(2);
  expect(p.db.select().from(importBatch).all()).toHaveLength(2);

  const wrong = await run(p.folder, file, "--project", "Nowhere");
  expect([wrong.code, wrong.err]).toMatchObject([1, expect.stringMatching(/No project is called Nowhere[\s\S]*Test/)]);
}, 60_000);
