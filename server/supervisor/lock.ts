import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { StartProblem } from "./checks";

/**
 * One supervisor a data folder: two would migrate and train side by side. The lock is SQLite's own on an empty file, so it
 * goes with the process however that ends, and two that start at once cannot both get it; the process id beside it is for
 * people. `takenOver`: the one before did not end by itself, its children may still be on their way out.
 */
export function lockDataFolder(folder: string): { readonly takenOver: boolean } {
  const pidFile = join(folder, "supervisor.pid");
  const lock = new Database(join(folder, "supervisor.lock"), { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    if ((error as { code?: string }).code !== "SQLITE_BUSY") throw error;
    throw new StartProblem(
      `Tiebreak already runs on ${folder}${owner(pidFile)}. Stop it, or set TIEBREAK_DATA to another folder.`,
    );
  }
  const takenOver = existsSync(pidFile);
  writeFileSync(pidFile, String(process.pid));
  process.on("exit", () => {
    rmSync(pidFile, { force: true });
    lock.close();
  });
  return { takenOver };
}

function owner(pidFile: string): string {
  try {
    return ` (process ${readFileSync(pidFile, "utf8")})`;
  } catch {
    return "";
  }
}
