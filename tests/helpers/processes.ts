import { readdirSync, readFileSync } from "node:fs";

/** A process that runs (one that has ended and waits to be reaped does not). Linux only: read from /proc. */
export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function listProcesses(): RunningProcess[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // pid (name, which may hold anything) state parent …
      const [state, parent] = readFileSync(`/proc/${name}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      return state === "Z" ? [] : [{ pid: Number(name), parent: Number(parent), command }];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}

/** The children of a process, theirs, and so on. */
export function descendantsOf(pid: number): RunningProcess[] {
  const all = listProcesses();
  const below = (parent: number): RunningProcess[] =>
    all.filter((p) => p.parent === parent).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid);
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Kills every process whose command line holds a text, as a crash would: a browser by its profile's folder. */
export function killProcessesNaming(text: string): void {
  for (const { pid, command } of listProcesses()) if (command.includes(text)) process.kill(pid, "SIGKILL");
}
