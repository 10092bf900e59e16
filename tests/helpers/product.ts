import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The whole product as `npm start` runs it once everything is built: supervisor, web and worker on a folder of its own. */
export interface Product {
  readonly url: string;
  readonly dataDir: string;
  /** The one-time link that the first start prints; null when somebody has used it. */
  readonly signInLink: string | null;
  readonly supervisor: ChildProcess;
  /** As Ctrl-C does; resolves when it has ended. */
  stop(): Promise<void>;
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Starts it (it must be built) and waits until it says that it is running. */
export async function startProduct({
  dataDir = mkdtempSync(join(tmpdir(), "tiebreak-")),
  port,
  env = {},
  ownGroup = false,
}: {
  readonly dataDir?: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** In a process group of its own, as a terminal starts it, so that a signal can be sent to all of it. */
  readonly ownGroup?: boolean;
} = {}): Promise<Product> {
  const listens = port ?? (await freePort());
  const supervisor = spawn(process.execPath, ["--enable-source-maps", "dist/supervisor.mjs"], {
    env: { ...process.env, TIEBREAK_DATA: dataDir, TIEBREAK_PORT: String(listens), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: ownGroup,
  });
  const ended = new Promise<void>((resolve) => supervisor.once("exit", () => resolve()));
  let output = "";
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      if (output.includes("Stop it with Ctrl-C")) resolve();
    };
    supervisor.stdout.on("data", read);
    supervisor.stderr.on("data", read);
    supervisor.once("exit", () => reject(new Error(`The product did not start:\n${output}`)));
  });
  return {
    url: `http://127.0.0.1:${listens}`,
    dataDir,
    signInLink: output.match(/http\S+\/sign-in\/link\?token=\S+/)?.[0] ?? null,
    supervisor,
    stop() {
      supervisor.kill("SIGINT");
      return ended;
    },
  };
}
