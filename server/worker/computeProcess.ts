import { type ChildProcess, fork } from "node:child_process";
import { trainingEnvironment } from "@/trainer/runtime/heap";
import type { Log } from "../log";
import { type FromCompute, gpuLostExit, type ToCompute } from "./protocol";

const shortestPause = 100;
const longestPause = 10_000;
/** A child that lived this long was well: the next crash starts with the shortest pause again. */
const settledAfter = 5_000;

interface Handlers {
  message(message: FromCompute): void;
  /** The child ended, whatever it was doing; another one is on its way. */
  exit(how: string): void;
}

/** The child that computes, started again whenever it ends. */
export class ComputeProcess {
  private child: ChildProcess | null = null;
  private pause = shortestPause;
  private stopping = false;
  private gpu = true;
  /** It can be given work. */
  ready = false;

  constructor(
    private readonly script: string,
    private readonly handlers: Handlers,
    private readonly log: Log,
  ) {}

  start(): void {
    const started = Date.now();
    const child = fork(this.script, [], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      execArgv: ["--enable-source-maps"],
      env: { ...trainingEnvironment(), ...(!this.gpu && { TIEBREAK_GPU: "0" }) },
      // Metrics may be NaN or infinite, which JSON has no words for.
      serialization: "advanced",
    });
    this.child = child;
    this.log.info({ computePid: child.pid }, "compute process started");
    child.on("message", (message: FromCompute) => {
      if (message.type === "ready") this.ready = true;
      else this.handlers.message(message);
    });
    child.on("error", (err) => this.log.error({ err }, "compute process"));
    child.once("exit", (code, signal) => {
      this.child = null;
      this.ready = false;
      if (this.stopping) return;
      // What a driver did once it will do again.
      if (code === gpuLostExit) this.gpu = false;
      const how = code === gpuLostExit ? "the GPU's driver failed; the CPU takes over" : (signal ?? `code ${code}`);
      this.pause = Date.now() - started > settledAfter ? shortestPause : Math.min(this.pause * 2, longestPause);
      this.log.warn({ how, pauseMs: this.pause }, "compute process ended; starting another");
      setTimeout(() => !this.stopping && this.start(), this.pause);
      this.handlers.exit(how);
    });
  }

  send(message: ToCompute): void {
    if (this.child?.connected) this.child.send(message);
  }

  /** Ends the child's work at once; another child is started. */
  kill(): void {
    this.child?.kill("SIGKILL");
  }

  stop(): void {
    this.stopping = true;
    this.kill();
  }
}
