import { type ChildProcess, fork } from "node:child_process";
import { DomainError, type ErrorCode, type ErrorDetails } from "../domain/errors";
import type { ImportPiece } from "./imports.prepare";
import type { Recognised } from "./imports.recognise";
import type { FileToRead, FileWithMapping, ImportWork, Look } from "./imports.work";

/** What the child is asked, one question in its life. */
export type ToReader =
  | { readonly type: "receive" | "recognise"; readonly what: FileToRead }
  | { readonly type: "look"; readonly what: FileWithMapping }
  | { readonly type: "pieces"; readonly what: FileWithMapping; readonly databaseFile: string }
  /** A piece was written. */
  | { readonly type: "written" };

export interface ToldError {
  readonly message: string;
  readonly code?: string | undefined;
  readonly domain?: { readonly code: ErrorCode; readonly details: ErrorDetails } | undefined;
}

export type FromReader =
  | { readonly type: "done"; readonly value?: unknown }
  | { readonly type: "piece"; readonly piece: ImportPiece }
  | { readonly type: "error"; readonly error: ToldError };

/** Megabytes of heap: a file that needs more ends the child, not the server. */
const heapMegabytes = 448;

function start(script: string): ChildProcess {
  return fork(script, [], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    execArgv: ["--enable-source-maps", `--max-old-space-size=${heapMegabytes}`],
    serialization: "advanced",
  });
}

function toError({ message, code, domain }: ToldError): Error {
  if (domain) return new DomainError(domain.code, domain.details);
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

/** The child's messages one by one, until it ends; throws when it ends before it said that it is done. */
async function* messagesOf(child: ChildProcess): AsyncGenerator<FromReader> {
  const waiting: FromReader[] = [];
  let ended: string | null = null;
  let wake = () => {};
  child.on("message", (message: FromReader) => {
    waiting.push(message);
    wake();
  });
  child.once("error", (error) => {
    ended ??= error.message;
    wake();
  });
  child.once("exit", (code, signal) => {
    ended ??= signal ?? `code ${code}`;
    wake();
  });
  for (;;) {
    const message = waiting.shift();
    if (message?.type === "error") throw toError(message.error);
    if (message) yield message;
    else if (ended !== null) throw new Error(`the process that reads the file ended (${ended})`);
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}

/** A damaged file can keep a decompressor busy for ever. */
const limitsMs = { receive: 1_800_000, recognise: 60_000, look: 60_000 } as const;

async function ask<T>(script: string, question: Extract<ToReader, { type: keyof typeof limitsMs }>): Promise<T> {
  const child = start(script);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, limitsMs[question.type]);
  try {
    child.send(question);
    for await (const message of messagesOf(child)) if (message.type === "done") return message.value as T;
    throw new Error("unreachable");
  } catch (error) {
    if (!late) throw error;
    const reason = "Reading it does not come to an end, so it is damaged. Write it again.";
    throw new DomainError("import_unreadable", { fileName: question.what.fileName, reason }, { cause: error });
  } finally {
    clearTimeout(limit);
    child.kill("SIGKILL");
  }
}

/**
 * Reads files in a process of its own: parsing takes a core and, for a hostile file, memory. `databaseFile`: while an import
 * writes, the child also moves what was written from the log into the database file, so that nobody who votes waits for it.
 */
export const forkedWork = (script: string, databaseFile: string): ImportWork => ({
  receive: (what) => ask<Recognised>(script, { type: "receive", what }),
  recognise: (what) => ask<Recognised>(script, { type: "recognise", what }),
  look: (what) => ask<Look>(script, { type: "look", what }),
  async *pieces(what) {
    const child = start(script);
    const send = (message: ToReader) => child.connected && child.send(message);
    try {
      send({ type: "pieces", what, databaseFile });
      for await (const message of messagesOf(child)) {
        if (message.type === "done") return;
        if (message.type !== "piece") continue;
        yield message.piece;
        send({ type: "written" });
      }
    } finally {
      child.kill("SIGKILL");
    }
  },
});
