import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartProblem } from "./checks";

/** One supervisor a data folder: two would train every run twice. The lock of a dead process is taken over. */
export function lockDataFolder(folder: string): void {
  const file = join(folder, "supervisor.pid");
  const owner = readOwner(file);
  if (owner !== null && owner !== process.pid && isAlive(owner)) {
    throw new StartProblem(
      `Tiebreak already runs on ${folder} (process ${owner}). Stop it, or set TIEBREAK_DATA to another folder.`,
    );
  }
  writeFileSync(file, String(process.pid));
  process.on("exit", () => {
    if (readOwner(file) === process.pid) rmSync(file, { force: true });
  });
}

function readOwner(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
