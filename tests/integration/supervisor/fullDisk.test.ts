import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteError } from "better-sqlite3";
import { expect, test, vi } from "vitest";
import { databaseProblem, prepareDataFolder } from "@/server/supervisor/checks";

const disk = vi.hoisted(() => ({ free: 0, refusesFolders: false }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    statfsSync: () => ({ bavail: disk.free / 4096, bsize: 4096 }),
    mkdirSync: (...args: Parameters<typeof fs.mkdirSync>) => {
      if (disk.refusesFolders) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      return fs.mkdirSync(...args);
    },
  };
});

const folder = mkdtempSync(join(tmpdir(), "full-"));
const told = new RegExp(`^The disk that holds ${folder}\\S* is full .* Free some space, or set TIEBREAK_DATA`);

test("a disk with less than 100 MB left, or none at all, is one clear line at start", () => {
  disk.free = 100 * 2 ** 20;
  expect(() => prepareDataFolder(folder)).not.toThrow();
  disk.free -= 4096;
  expect(() => prepareDataFolder(folder)).toThrow(told);
  disk.refusesFolders = true;
  expect(() => prepareDataFolder(join(folder, "data"))).toThrow(told);
});

test("a database that finds no room while it is brought up to date is the same line", () => {
  const problem = databaseProblem(new SqliteError("database or disk is full", "SQLITE_FULL"), join(folder, "t.db"));
  expect((problem as Error).message).toMatch(told);
});
