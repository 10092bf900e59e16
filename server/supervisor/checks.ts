import { accessSync, constants, existsSync, mkdirSync, statfsSync } from "node:fs";
import { createServer } from "node:net";

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
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOSPC") throw noRoom(folder);
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

/** Resolves when the port can be listened on. */
export function checkPort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      const problems: Record<string, string> = {
        EADDRINUSE: `Port ${port} on ${host} is taken by another program. Stop it, or choose another port with TIEBREAK_PORT=${port + 1}.`,
        EACCES: `Port ${port} on ${host} may not be used by this account. Choose one above 1024 with TIEBREAK_PORT=3000.`,
        EADDRNOTAVAIL: `This machine has no address ${host}. Set TIEBREAK_HOST to one it has, or leave it out for 127.0.0.1.`,
      };
      reject(new StartProblem(problems[error.code ?? ""] ?? `Cannot listen on ${host}:${port}: ${error.message}.`));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

/** What was not built: the one thing a start without `npm start` forgets. */
export function checkBuilt(root: string, distDir = ".next"): void {
  if (existsSync(`${root}/${distDir}/BUILD_ID`)) return;
  throw new StartProblem("The pages are not built yet. Run npm run build (npm start does it by itself).");
}
