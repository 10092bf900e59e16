import pino from "pino";

/** JSON lines on standard output, one process name each. */
export const createLog = (name: "web" | "worker" | "supervisor", level: string) => pino({ name, level });
export type Log = pino.Logger;
