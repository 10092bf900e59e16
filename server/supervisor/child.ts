import { type ChildProcess, fork } from "node:child_process";
import { createWriteStream, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Log } from "../log";
import { StartProblem } from "./checks";

export interface ChildOptions {
  readonly name: "web" | "worker";
  readonly script: string;
  readonly logFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}

const shortestPause = 250;
const longestPause = 10_000;
/** A process that lived this long was well: the next crash starts with the shortest pause again. */
const settledAfter = 5_000;
/** Ends in a row before the first `ready`, after which it will not get well by itself. */
const startsInVain = 3;
const largestLog = 20 * 2 ** 20;

/**
 * Keeps one process alive: starts it again when it ends, with pauses that grow while it keeps crashing. The IPC channel
 * tells the child when this process is gone.
 */
export class SupervisedChild {
  private process: ChildProcess | null = null;
  private stopping = false;
  private pause = shortestPause;
  private endsBeforeReady = 0;

  constructor(private readonly options: ChildOptions) {}

  /** Starts the process; resolves at its first `ready` message, throws a StartProblem when it never gets there. */
  start(): Promise<void> {
    return new Promise((ready, failed) => this.launch({ ready, failed }));
  }

  private launch(first: { ready(): void; failed(problem: StartProblem): void }): void {
    const { name, script, logFile, env, log } = this.options;
    const started = Date.now();
    let isReady = false;
    const child = fork(script, [], {
      env,
      execArgv: ["--enable-source-maps"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.process = child;
    const sink = openLog(logFile);
    child.stdout?.pipe(sink, { end: false });
    child.stderr?.pipe(sink, { end: false });
    child.on("message", (message) => {
      if ((message as { type?: string }).type !== "ready") return;
      isReady = true;
      first.ready();
    });
    child.on("exit", (code, signal) => {
      sink.end();
      this.process = null;
      if (this.stopping) return;
      this.endsBeforeReady = isReady ? Number.NEGATIVE_INFINITY : this.endsBeforeReady + 1;
      if (this.endsBeforeReady === startsInVain) {
        first.failed(new StartProblem(`The ${name} process does not start. Its log says why: ${logFile}`));
        return;
      }
      this.pause = Date.now() - started > settledAfter ? shortestPause : Math.min(this.pause * 2, longestPause);
      log.warn({ name, code, signal, pauseMs: this.pause }, "process ended; starting it again");
      setTimeout(() => !this.stopping && this.launch(first), this.pause);
    });
  }

  /** Asks the process to end, insists after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    const child = this.process;
    if (!child) return;
    await new Promise<void>((resolve) => {
      const insist = setTimeout(() => child.kill("SIGKILL"), graceMs);
      child.once("exit", () => {
        clearTimeout(insist);
        resolve();
      });
      child.kill("SIGTERM");
    });
  }
}

/** Appends; a log that has grown large is put aside once, so that two files bound the room it takes. */
function openLog(file: string) {
  mkdirSync(dirname(file), { recursive: true });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > largestLog) renameSync(file, `${file}.1`);
  return createWriteStream(file, { flags: "a" });
}
