import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDb } from "@/db/client";
import { Random } from "@/trainer/data/random";
import { startProduct } from "../../helpers/product";
import { productWorld } from "../../helpers/productWorld";
import { Annotator } from "./crowd";

/** Runs `npm run backup` or `restore` as they run once everything is built. */
function run(command: "backup" | "restore", dataDir: string, ...args: string[]) {
  const env = { ...process.env, TIEBREAK_DATA: dataDir, INIT_CWD: process.cwd() };
  const { status, stdout, stderr } = spawnSync(process.execPath, [`dist/${command}.mjs`, ...args], {
    env,
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
}

const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

test("a backup under votes holds every vote that was acknowledged before it, and comes back whole", async () => {
  const people = 4;
  const world = await productWorld({ annotators: people, items: 2_000, overlap: people });
  const { dataDir } = world.app.env;
  const product = await startProduct({ dataDir, port: world.port });
  const drain = new AbortController();
  const crowd = await Promise.all(
    Array.from({ length: people }, async (_, i) => new Annotator(`u${i}`, await world.signIn(i), new Random(i))),
  );
  const voting = Promise.allSettled(crowd.map((one) => one.live(drain.signal)));
  const told = () => crowd.flatMap((one) => one.acknowledged.map(({ submissionId }) => submissionId));
  await expect.poll(() => told().length, { timeout: 30_000 }).toBeGreaterThan(10);
  const file = join(mkdtempSync(join(tmpdir(), "backup-")), "one.zip");
  const before = told();
  expect(run("backup", dataDir, file)).toMatchObject({ status: 0, said: expect.stringContaining(`${file} holds`) });
  await expect.poll(() => told().length, { timeout: 30_000 }).toBeGreaterThan(before.length);
  expect(run("restore", dataDir, file, "--replace").said).toMatch("already runs");
  await product.stop();
  drain.abort();
  // Nobody answers the crowd any more.
  void voting;

  const target = join(mkdtempSync(join(tmpdir(), "restored-")), "data");
  expect(run("restore", target, file)).toMatchObject({ status: 0, said: expect.stringContaining("all checked") });
  const db = openDb(join(target, "tiebreak.db"), { durability: "full" });
  const stored = db.$client.prepare("SELECT submission_id FROM judgement").pluck().all() as string[];
  expect(before.filter((id) => !stored.includes(id))).toEqual([]);
  expect(db.$client.pragma("foreign_key_check")).toEqual([]);
  db.$client.close();
  for (const path of ["snapshots/c0ffee/train.jsonl", "models/tiny/model.safetensors", "secret"])
    expect(sha256(join(target, path)), path).toBe(sha256(join(dataDir, path)));

  // Over data that is there only when told, and then that is kept.
  expect(run("restore", target, file)).toMatchObject({
    status: 1,
    said: expect.stringContaining("holds data already"),
  });
  writeFileSync(join(target, "mine.txt"), "mine");
  const replaced = run("restore", target, file, "--replace");
  expect(replaced.status).toBe(0);
  const [, aside = ""] = /before is in (.*)\./.exec(replaced.said) ?? [];
  expect([existsSync(join(target, "mine.txt")), readFileSync(join(aside, "mine.txt"), "utf8")]).toEqual([
    false,
    "mine",
  ]);

  // What is damaged, foreign or there already is refused, and nothing is left behind.
  expect(run("backup", dataDir, file)).toMatchObject({ status: 1, said: expect.stringContaining("there already") });
  const damaged = readFileSync(file);
  const at = damaged.indexOf("train.jsonl") + 40;
  damaged[at] = (damaged[at] ?? 0) ^ 0xff;
  writeFileSync(`${file}.bad`, damaged);
  const elsewhere = join(mkdtempSync(join(tmpdir(), "restored-")), "data");
  expect(run("restore", elsewhere, `${file}.bad`)).toMatchObject({
    status: 1,
    said: expect.stringContaining("damaged"),
  });
  truncateSync(`${file}.bad`, 1_000);
  expect(run("restore", elsewhere, `${file}.bad`)).toMatchObject({
    status: 1,
    said: expect.stringContaining("cut off"),
  });
  expect(existsSync(elsewhere)).toBe(false);
}, 120_000);
