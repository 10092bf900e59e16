import { createContext, Script } from "node:vm";
import type { TrainerError } from "../contracts/error";

const here = createContext({ work: () => undefined as unknown });
const call = new Script("work()");

/** Does synchronous work that a file from elsewhere decides on (its patterns, its template), and gives up after so many milliseconds. */
export function withTimeLimit<T>(ms: number, work: () => T, tooLong: () => TrainerError): T {
  here.work = work;
  try {
    return call.runInContext(here, { timeout: Math.ceil(ms) }) as T;
  } catch (error) {
    // V8 stops whatever runs, a regular expression too. The error is of the other context, so it is known by its code alone.
    if ((error as NodeJS.ErrnoException | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") throw tooLong();
    throw error;
  }
}
