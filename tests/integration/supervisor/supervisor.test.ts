import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createLog } from "@/server/log";
import { checkPort, prepareDataFolder } from "@/server/supervisor/checks";
import { SupervisedChild } from "@/server/supervisor/child";
import { lockDataFolder } from "@/server/supervisor/lock";

const folder = mkdtempSync(join(tmpdir(), "supervisor-"));

test("a taken port is one clear line with a way out", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  await expect(checkPort("127.0.0.1", port)).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is taken by another program. Stop it, or choose another port with TIEBREAK_PORT=${port + 1}.`,
  );
  taken.close();
});

test("a data folder that is a file is refused, and so is one that may not be written", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(() => prepareDataFolder(file)).toThrow(/is not a folder.*TIEBREAK_DATA/);
  if (process.getuid?.() === 0) return; // root may write anywhere
  const locked = mkdtempSync(join(folder, "locked-"));
  chmodSync(locked, 0o500);
  expect(() => prepareDataFolder(join(locked, "data"))).toThrow(/cannot be written/);
});

test("a live supervisor keeps its folder, a dead one's is taken over", async () => {
  const pidFile = join(folder, "supervisor.pid");
  const holder = spawn(process.execPath, [
    "-e",
    `const lock = new (require("better-sqlite3"))(${JSON.stringify(join(folder, "supervisor.lock"))});
     lock.exec("BEGIN EXCLUSIVE"); console.log("held"); setInterval(() => lock.open, 1000);`,
  ]);
  await once(holder.stdout, "data");
  writeFileSync(pidFile, "77");
  expect(() => lockDataFolder(folder)).toThrow(/already runs on .* \(process 77\)/);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(lockDataFolder(folder)).toEqual({ takenOver: true });
  expect(readFileSync(pidFile, "utf8")).toBe(String(process.pid));
});

test("a killed process is started again, a stopped one is not", async () => {
  const script = join(folder, "child.mjs");
  const starts = join(folder, "starts");
  writeFileSync(
    script,
    `import { appendFileSync } from "node:fs";
     appendFileSync(${JSON.stringify(starts)}, process.pid + "\\n");
     process.on("disconnect", () => process.exit(0));
     process.on("SIGTERM", () => process.exit(0));
     process.send({ type: "ready" });`,
  );
  const pids = () => (existsSync(starts) ? readFileSync(starts, "utf8").trim().split("\n").map(Number) : []);
  const logFile = join(folder, "logs", "web.log");
  const child = new SupervisedChild({
    name: "web",
    script,
    logFile,
    env: process.env,
    log: createLog("supervisor", "error"),
  });
  await child.start();
  const [first] = pids();
  process.kill(first as number, "SIGKILL");
  await expect.poll(() => pids().length, { timeout: 10_000 }).toBe(2);
  await child.stop(2_000);
  await sleep(1_500);
  expect(pids()).toHaveLength(2);
  expect(() => process.kill(pids()[1] as number, 0)).toThrow();
});
