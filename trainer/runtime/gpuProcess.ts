import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TrainerError } from "../contracts/error";
import type { GpuAnswer, GpuAnswers, GpuRequest } from "./gpuMessages";

interface Waiting {
  resolve(value: never): void;
  reject(error: Error): void;
}

/** This file's neighbour: as a bundle beside the built program, else the source, which tsx runs. */
function childFile(): { file: string; execArgv: string[] } {
  const bundle = fileURLToPath(new URL("./gpuChild.mjs", import.meta.url));
  if (existsSync(bundle)) return { file: bundle, execArgv: [] };
  return { file: fileURLToPath(new URL("./gpuChild.ts", import.meta.url)), execArgv: ["--import", "tsx"] };
}

/** The process that owns the GPU, as promises. When it ends, every open and later request fails with `gpu_lost`. */
export class GpuProcess {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private ids = 0;
  private lost: TrainerError | null = null;
  private closing = false;

  constructor() {
    const { file, execArgv } = childFile();
    this.child = fork(file, { execArgv, serialization: "advanced", stdio: ["ignore", "ignore", "ignore", "ipc"] });
    this.child.on("message", (answer: GpuAnswer) => {
      const waiting = this.waiting.get(answer.id);
      this.waiting.delete(answer.id);
      if ("error" in answer) waiting?.reject(new Error(answer.error));
      else waiting?.resolve(answer.value as never);
    });
    this.child.on("error", (error) => this.end(error.message));
    this.child.on("exit", (code, signal) => this.end(signal ?? `exit code ${code}`));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  private end(how: string): void {
    if (this.closing) return;
    this.lost ??= new TrainerError("gpu_lost", `The process that runs the GPU ended (${how}).`);
    for (const { reject } of this.waiting.values()) reject(this.lost);
    this.waiting.clear();
  }

  ask<K extends GpuRequest["kind"]>(request: Extract<GpuRequest, { kind: K }>): Promise<GpuAnswers[K]> {
    if (this.lost) return Promise.reject(this.lost);
    this.ids += 1;
    const id = this.ids;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
      this.child.send({ ...request, id }, (error) => error && this.end(error.message));
    });
  }

  async close(): Promise<void> {
    this.closing = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    // Drivers crash on the way out; by now nothing is lost with them.
    this.child.kill("SIGKILL");
    await gone;
  }
}
