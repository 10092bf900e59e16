import { type Db, openDb } from "@/db/client";
import { type Env, readEnv } from "./env";
import { createLog, type Log } from "./log";
import type { ImportWork } from "./services/imports.work";

/** What every request needs and one process has once. */
export interface App {
  readonly env: Env;
  readonly db: Db;
  readonly log: Log;
  /** Who reads the files that come in; this process when left out. */
  readonly importWork?: ImportWork;
}

const holder = globalThis as typeof globalThis & { __tiebreak?: App };

/** The web process's app, opened at the first request. On globalThis because Next loads this module once per bundle. */
export function getApp(): App {
  holder.__tiebreak ??= openApp(readEnv());
  return holder.__tiebreak;
}

function openApp(env: Env): App {
  return { env, db: openDb(env.databaseFile, { durability: "full" }), log: createLog("web", env.logLevel) };
}

/** The web process's app with what only the process itself can give it, before any request. */
export function startApp(env: Env, parts: Pick<App, "importWork">): App {
  holder.__tiebreak = { ...openApp(env), ...parts };
  return holder.__tiebreak;
}
