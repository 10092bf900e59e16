import { createHash, randomUUID } from "node:crypto";
import { constants, createReadStream, existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { and, desc, eq, inArray, or } from "drizzle-orm";
import { type Db, openDb } from "@/db/client";
import { migrateDatabase } from "@/db/migrate";
import { membership, project } from "@/db/schema/identity";
import { importBatch } from "@/db/schema/items";
import { DomainError } from "../domain/errors";
import { type ImportMapping, importMappingSchema } from "../domain/imports/mapping";
import { EnvProblem, readEnv } from "../env";
import { type Access, authorize } from "../services/access";
import { forkedWork } from "../services/imports.child";
import { removeUpload, uploadPath } from "../services/imports.parts";
import type { LineProblem } from "../services/imports.prepare";
import { commitImport, getImport, listProblems, rememberedMapping, requestImport } from "../services/imports.service";
import { acceptFile, type UploadStore, uploadLimit } from "../services/imports.upload";
import { StartProblem } from "../supervisor/checks";
import { lockDataFolder } from "../supervisor/lock";

const usage = `npm run import -- FILE --project NAME_OR_ID [--mapping FILE.json] [--dry-run] [--json]

Brings a file's rows into a project, while Tiebreak runs or while it does not. Asked again after an interruption it goes
on; the same file twice adds nothing.

  --project   the project's name or id
  --mapping   which column is what, as JSON; as it was last chosen for these columns, or recognised, without one
  --dry-run   read the whole file and say what would come of it; nothing is written
  --json      the outcome as JSON on standard output, with every refused row`;

/** This file runs as dist/importFile.mjs. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const reader = join(root, "dist", "importer.mjs");
const problemsShown = 50;

/** What somebody has to put right, in one line. */
class Refused extends Error {}

interface Outcome {
  readonly state: string;
  readonly rowsRead: number;
  readonly rowsRefused: number;
  readonly itemsAdded?: number;
  readonly itemsKnown?: number;
  readonly judgementsAdded?: number;
  readonly responsesAdded?: number;
  readonly error?: string | null;
  readonly mapping: ImportMapping;
  readonly problems: readonly LineProblem[];
}

function findProject(db: Db, asked: string): { id: string; access: Access<"admin"> } {
  const found = db
    .select({ id: project.id })
    .from(project)
    .where(or(eq(project.id, asked), eq(project.name, asked)))
    .all();
  if (found.length !== 1) {
    const names = db.select({ id: project.id, name: project.name }).from(project).all();
    const list = names.map(({ id, name }) => `  ${id}  ${name}`).join("\n");
    throw new Refused(`${found.length === 0 ? "No project is" : "Several projects are"} called ${asked}:\n${list}`);
  }
  const [{ id }] = found as [{ id: string }];
  const owner = db
    .select({ id: membership.userId })
    .from(membership)
    .where(and(eq(membership.projectId, id), eq(membership.role, "owner")))
    .get();
  if (!owner) throw new Refused(`The project ${asked} has no owner.`);
  return { id, access: authorize(db, owner.id, id, "admin") };
}

function readMapping(file: string | undefined): ImportMapping | null {
  if (file === undefined) return null;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Refused(`${file} cannot be read as JSON: ${(error as Error).message}`);
  }
  const parsed = importMappingSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Refused(`${file}, ${issue?.path.join(".") || "the whole file"}: ${issue?.message}`);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 ** 2 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** A copy that reading may unpack, cheap where the disk can share blocks. */
async function copied(file: string, store: UploadStore, id: string): Promise<string> {
  const copy = uploadPath(store.uploadsDir, id);
  await mkdir(store.uploadsDir, { recursive: true });
  await copyFile(file, copy, constants.COPYFILE_FICLONE);
  return copy;
}

async function dryRun(store: UploadStore, access: Access<"admin">, file: string, asked: ImportMapping | null) {
  const work = forkedWork(reader, store.db.$client.name);
  const copy = await copied(file, store, randomUUID());
  try {
    const what = { file: copy, fileName: basename(file) };
    const { format, columnsHash, mapping: detected } = await work.receive(what);
    const mapping = asked ?? rememberedMapping(store.db, access, columnsHash) ?? detected;
    const problems: LineProblem[] = [];
    let rows = 0;
    for await (const piece of work.pieces({ ...what, format, mapping })) {
      rows += piece.rows.length;
      problems.push(...piece.problems);
    }
    const rowsRead = rows + problems.length;
    return { state: "dry run", rowsRead, rowsRefused: problems.length, mapping, problems };
  } finally {
    await removeUpload(copy);
  }
}

/** The import that an interruption left of the same file, or a new one. */
async function importOf(store: UploadStore, access: Access<"admin">, file: string): Promise<string> {
  const sha256 = await sha256Of(file);
  const open = and(
    eq(importBatch.projectId, access.projectId),
    eq(importBatch.sha256, sha256),
    inArray(importBatch.state, ["uploaded", "queued", "running", "failed"]),
  );
  const begun = store.db.select().from(importBatch).where(open).orderBy(desc(importBatch.createdAt)).get();
  const there = begun && uploadPath(store.uploadsDir, begun.id);
  if (begun && there && (existsSync(there) || existsSync(`${there}.parts`))) return begun.id;
  const importId = randomUUID();
  const bytes = (await stat(file)).size;
  if (bytes > uploadLimit(store))
    throw new Refused(`${file} is larger than ${uploadLimit(store) / 1024 ** 2} MB. Set TIEBREAK_MAX_UPLOAD_MB.`);
  const copy = await copied(file, store, importId);
  try {
    await acceptFile(store, access, { importId, fileName: basename(file), bytes, sha256 });
  } catch (error) {
    await removeUpload(copy);
    throw error;
  }
  return importId;
}

async function bringIn(
  store: UploadStore,
  access: Access<"admin">,
  { file, asked, alone }: { file: string; asked: ImportMapping | null; alone: boolean },
): Promise<Outcome> {
  const { db } = store;
  const importId = await importOf(store, access, file);
  const batch = db.select().from(importBatch).where(eq(importBatch.id, importId)).get();
  if (!batch) throw new Refused("The import is gone.");
  const remembered = rememberedMapping(db, access, batch.columnsHash ?? "");
  const mapping = asked ?? remembered ?? importMappingSchema.parse(batch.mapping);
  // Nobody else runs it: a process that was killed left it so.
  if (alone && batch.state !== "uploaded")
    db.update(importBatch).set({ state: "failed" }).where(eq(importBatch.id, importId)).run();
  const told = setInterval(() => {
    const { state, rowsRead } = getImport(db, access, importId);
    console.error(`${state}: ${rowsRead} rows`);
  }, 2_000);
  try {
    if (alone) await commitImport(store, access, { importId, mapping });
    else {
      if (batch.state === "uploaded" || batch.state === "failed") requestImport(db, access, { importId, mapping });
      while (["queued", "running"].includes(getImport(db, access, importId).state)) await sleep(300);
    }
  } finally {
    clearInterval(told);
  }
  const { problems: _first, ...done } = getImport(db, access, importId);
  return { ...done, mapping, problems: [...listProblems(db, access, importId)].flat() };
}

function tell(outcome: Outcome): void {
  for (const { line, field, reason } of outcome.problems.slice(0, problemsShown))
    console.error(`line ${line}, ${field ?? "the whole row"}: ${reason}`);
  const more = outcome.problems.length - problemsShown;
  if (more > 0) console.error(`… and ${more} more (--json has them all)`);
  const counts = [
    `${outcome.rowsRead} rows read`,
    ...(outcome.itemsAdded === undefined ? [] : [`${outcome.itemsAdded} pairs added`]),
    ...(outcome.responsesAdded ? [`${outcome.responsesAdded} labelled responses added`] : []),
    ...(outcome.itemsKnown === undefined ? [] : [`${outcome.itemsKnown} known already`]),
    ...(outcome.judgementsAdded === undefined ? [] : [`${outcome.judgementsAdded} judgements added`]),
    `${outcome.rowsRefused} refused`,
  ];
  console.log(`${outcome.state}: ${counts.join(", ")}${outcome.error ? ` (${outcome.error})` : ""}`);
}

/** True when nobody else uses the data folder; held until this process ends. */
function lock(dataDir: string): boolean {
  try {
    lockDataFolder(dataDir);
    return true;
  } catch (error) {
    if (error instanceof StartProblem) return false;
    throw error;
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: {
      project: { type: "string" },
      mapping: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [given] = positionals;
  if (values.help || given === undefined || positionals.length > 1 || values.project === undefined) {
    console.log(usage);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  const file = resolve(given);
  if (!existsSync(file)) throw new Refused(`There is no file ${file}.`);
  const env = readEnv();
  if (!existsSync(env.databaseFile))
    throw new Refused(`There is no Tiebreak data in ${env.dataDir} yet. Run npm start first.`);
  const asked = readMapping(values.mapping);
  const alone = lock(env.dataDir);
  const db = openDb(env.databaseFile, { durability: "full" });
  try {
    if (alone) await migrateDatabase(db, join(root, "migrations"));
    const work = forkedWork(reader, env.databaseFile);
    const store: UploadStore = { db, uploadsDir: env.uploadsDir, maxUploadBytes: env.maxUploadBytes, work };
    const { access } = findProject(db, values.project);
    const outcome: Outcome = values["dry-run"]
      ? await dryRun(store, access, file, asked)
      : await bringIn(store, access, { file, asked, alone });
    if (values.json) console.log(JSON.stringify(outcome));
    else tell(outcome);
    if (outcome.state === "failed") process.exitCode = 1;
  } finally {
    db.$client.close();
  }
}

/** An error in one line, where it is one that was foreseen. */
function sentence(error: unknown): unknown {
  if (error instanceof DomainError) return String(error.details.reason ?? error.code);
  const foreseen = error instanceof Refused || error instanceof EnvProblem || error instanceof TypeError;
  return foreseen ? (error as Error).message : error;
}

main().catch((error: unknown) => {
  console.error(sentence(error));
  process.exitCode = 1;
});
