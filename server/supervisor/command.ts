import { type ParseArgsConfig, parseArgs } from "node:util";
import { EnvProblem } from "../env";
import { StartProblem } from "./checks";

/** The one path that a command takes, and its flags. The command's own name comes first where tools/start.mjs runs it. */
export function onePath(usage: string, options: NonNullable<ParseArgsConfig["options"]>) {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [path, ...more] = positionals.filter((one, i) => i > 0 || !["backup", "restore"].includes(one));
    if (path === undefined || more.length > 0) throw new Error("Name one file.");
    return { path, flags: values };
  } catch (error) {
    throw new StartProblem(`${(error as Error).message} Usage: ${usage}`);
  }
}

/** Runs a command; what goes wrong is one line for a person, and the exit code says so. */
export function tell(work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    console.error(error instanceof StartProblem || error instanceof EnvProblem ? error.message : error);
    process.exitCode = 1;
  });
}
