import { openDb } from "@/db/client";
import { DomainError } from "../domain/errors";
import { endWithParent } from "../parent";
import type { FromReader, ToldError, ToReader } from "../services/imports.child";
import { localWork } from "../services/imports.work";

/** Pieces on their way that were not yet written. */
const piecesAhead = 16;

let unwritten = 0;
let wake = () => {};

const send = (message: FromReader): Promise<void> =>
  new Promise((resolve, reject) =>
    process.send?.(message, (error: Error | null) => (error ? reject(error) : resolve())),
  );

async function pieces(message: Extract<ToReader, { type: "pieces" }>): Promise<void> {
  const db = openDb(message.databaseFile, { durability: "normal" });
  for await (const piece of localWork.pieces(message.what)) {
    while (unwritten >= piecesAhead)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    unwritten += 1;
    await send({ type: "piece", piece });
    moveLog(db);
  }
  while (unwritten > 0)
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  moveLog(db);
  await send({ type: "done" });
}

/** Moves what the log holds into the database file; whoever writes meanwhile does not wait. */
function moveLog(db: ReturnType<typeof openDb>): void {
  db.$client.pragma("wal_checkpoint(PASSIVE)");
}

async function answer(message: Exclude<ToReader, { type: "written" }>): Promise<void> {
  if (message.type === "pieces") return pieces(message);
  if (message.type === "look") return send({ type: "done", value: await localWork.look(message.what) });
  return send({ type: "done", value: await localWork[message.type](message.what) });
}

function told(error: unknown): ToldError {
  if (!(error instanceof Error)) return { message: String(error) };
  const domain = error instanceof DomainError ? { code: error.code, details: error.details } : undefined;
  return { message: error.message, code: (error as NodeJS.ErrnoException).code, domain };
}

/** The process that reads an upload: it is asked one thing and ends with whoever asked. */
process.on("message", (message: ToReader) => {
  if (message.type === "written") {
    unwritten -= 1;
    wake();
    return;
  }
  answer(message).catch((error: unknown) => send({ type: "error", error: told(error) }));
});
endWithParent();
