import { accessSync, constants, existsSync, mkdirSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDiskFull } from "../domain/errors";

/** A reason not to start, in one line for a person. */
export class StartProblem extends Error {
  override readonly name = "StartProblem";
}

const oneHundredMegabytes = 100 * 2 ** 20;

/** Makes the data folder and checks that it can be written and has room. */
export function prepareDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (isDiskFull(error)) throw noRoom(folder);
    const code = (error as NodeJS.ErrnoException).code;
    const what = code === "EEXIST" || code === "ENOTDIR" ? "is not a folder" : "cannot be written";
    throw new StartProblem(`The data folder ${folder} ${what}. Choose another one with TIEBREAK_DATA=/path/to/folder.`);
  }
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < oneHundredMegabytes) throw noRoom(folder);
}

function noRoom(folder: string): StartProblem {
  return new StartProblem(
    `The disk that holds ${folder} is full (under 100 MB left). Free some space, or set TIEBREAK_DATA to another disk.`,
  );
}

/** Resolves when the port can be listened on; a taken one may become free within `patienceMs`. */
export async function checkPort(host: string, port: number, patienceMs = 0): Promise<void> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const error = await tryPort(host, port);
    if (!error) return;
    if (error.code !== "EADDRINUSE" || Date.now() >= until) throw portProblem(error, host, port);
    await sleep(100);
  }
}

function tryPort(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", resolve);
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });
}

function portProblem(error: NodeJS.ErrnoException, host: string, port: number): StartProblem {
  const problems: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another program. Stop it, or choose another port with TIEBREAK_PORT=${port + 1}.`,
    EACCES: `Port ${port} on ${host} may not be used by this account. Choose one above 1024 with TIEBREAK_PORT=3000.`,
    EADDRNOTAVAIL: `This machine has no address ${host}. Set TIEBREAK_HOST to one it has, or leave it out for 127.0.0.1.`,
  };
  return new StartProblem(problems[error.code ?? ""] ?? `Cannot listen on ${host}:${port}: ${error.message}.`);
}

/** What stands between the program and its database file, in one line; an error that is nothing of the kind as it came. */
export function databaseProblem(error: unknown, file: string): unknown {
  const { code = "" } = error as { code?: string };
  if (isDiskFull(error)) return noRoom(dirname(file));
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")) {
    return new StartProblem(
      `${file} is damaged or not a database. Put back a copy from ${join(dirname(file), "backups")} or your own, or set TIEBREAK_DATA to another folder.`,
    );
  }
  if (code.startsWith("SQLITE_READONLY") || code.startsWith("SQLITE_CANTOPEN") || code === "EACCES") {
    return new StartProblem(`${file} cannot be written by this account. Change its owner, or set TIEBREAK_DATA.`);
  }
  return error;
}

/** What was not built: the one thing a start without `npm start` forgets. */
export function checkBuilt(root: string, distDir = ".next"): void {
  if (existsSync(`${root}/${distDir}/BUILD_ID`)) return;
  throw new StartProblem("The pages are not built yet. Run npm run build (npm start does it by itself).");
}
