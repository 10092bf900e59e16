import { Readable } from "node:stream";
import { eq } from "drizzle-orm";
import { project } from "@/db/schema/identity";
import { DomainError } from "../domain/errors";
import type { ExportRow } from "../domain/exports/columns";
import type { Misfit } from "../domain/exports/formats";
import { formatTable } from "../domain/exports/formatTable";
import type { ExportFile, ExportRequest } from "../domain/exports/request";
import type { Access } from "./access";
import { encoders } from "./exports.encode";
import { zipFolder } from "./exports.folder";
import {
  type ExportSource,
  examplePages,
  hasVoteFilter,
  judgedPages,
  responsePages,
  voteFilter,
} from "./exports.source";
import type { Split } from "./snapshots.pairs";
import { getSnapshot, type SnapshotStore } from "./snapshots.service";

const contentTypes: Readonly<Record<ExportFile | "zip", string>> = {
  jsonl: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
  zip: "application/zip",
};

const misfitSentences: Readonly<Record<Misfit, string>> = {
  turns: "have several turns or a system message, which plain text cannot hold. Choose trl-conversational.",
  several_answers: "have an answer of several turns, which this format cannot hold. Choose trl-conversational.",
  system: "have a system message, which this format cannot hold. Choose trl-conversational.",
  turn_marks:
    'hold a line that begins with "Human:" or "Assistant:", which would be read as a turn. Choose trl-conversational.',
  first_turn: "begin with the assistant, which this format cannot hold. Choose llamafactory-sharegpt.",
};

export interface Export {
  readonly fileName: string;
  readonly contentType: string;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * A snapshot in one of the field's formats, streamed from its files as fast as the other side takes it. A file whose rows
 * differ in kind is refused by every loader: so a format is refused when any row does not fit it.
 */
export async function openExport(
  store: SnapshotStore,
  access: Access<"admin">,
  { snapshotId, ...request }: ExportRequest & { snapshotId: string },
): Promise<Export> {
  const { db, snapshotsDir } = store;
  await checkExport(store, access, { snapshotId, ...request });
  const snapshot = getSnapshot(db, access, snapshotId);
  const source: ExportSource = { db, snapshotsDir, snapshot };
  const splits = splitsOf(request);
  const name =
    db.select({ name: project.name }).from(project).where(eq(project.id, access.projectId)).get()?.name ?? "";
  const stem = name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "dataset";
  const encode = encoders[request.file];
  const columns = formatTable[request.format].columns(request.labels);
  const base = `${stem}-${snapshot.number}-${request.split}.${request.format}`;
  if (request.layout === "folder") {
    const rowsOf = (split: Split) =>
      (split === "train" ? snapshot.trainPairs : snapshot.testPairs) + responsesOf(snapshot, request, split);
    const filled = splits.filter((split) => rowsOf(split) > 0);
    const files = filled.map((split) => ({
      split,
      open: (onRows: (count: number) => void) => encode(counted(rowPages(source, request, [split]), onRows), columns),
    }));
    return {
      fileName: `${base}.zip`,
      contentType: contentTypes.zip,
      body: toWeb(zipFolder({ name, snapshot, request, files })),
    };
  }
  return {
    fileName: `${base}.${request.file}`,
    contentType: contentTypes[request.file],
    body: toWeb(Readable.from(encode(rowPages(source, request, splits), columns), { objectMode: false })),
  };
}

const splitsOf = ({ split }: ExportRequest): Split[] => (split === "all" ? ["train", "test"] : [split]);

/** What was found to fit a moment ago, by snapshot and request: a page asks first and downloads then. */
const fitting = new Map<string, number>();
const fitsForMs = 60_000;
const fitsKept = 100;

/** Throws when the snapshot cannot leave in that format, or nothing would be left of it. Reads everything once. */
export async function checkExport(
  { db, snapshotsDir }: SnapshotStore,
  access: Access<"admin">,
  { snapshotId, ...request }: ExportRequest & { snapshotId: string },
): Promise<void> {
  const snapshot = getSnapshot(db, access, snapshotId);
  const key = JSON.stringify([db.$client.name, snapshotId, request]);
  const now = Date.now();
  for (const [old, at] of fitting) if (fitting.size > fitsKept || at < now - fitsForMs) fitting.delete(old);
  if (fitting.has(key)) return;
  await requireFit({ db, snapshotsDir, snapshot }, request, splitsOf(request));
  fitting.set(key, now);
}

const toWeb = (stream: Readable) => Readable.toWeb(stream) as ReadableStream<Uint8Array>;

async function* rowPages(
  source: ExportSource,
  request: ExportRequest,
  splits: readonly Split[],
): AsyncGenerator<ExportRow[]> {
  const { format, labels } = request;
  const spec = formatTable[format];
  for (const split of splits) {
    if (spec.needs === "pairs" && !hasVoteFilter(request)) {
      for await (const page of examplePages(source, split, request.minAgreement))
        yield page.flatMap((example) => spec.rows(example, labels));
      if (takesResponses(request))
        for await (const page of responsePages(source, split))
          yield page.map(({ prompt, completion, label }) => ({ prompt, completion, label }));
      continue;
    }
    const asked = voteFilter(request, false);
    for await (const page of judgedPages(source, split, request))
      yield page.flatMap((pair) => {
        if (spec.needs === "pairs") return spec.rows(pair.example, labels);
        return spec.rows(format === "judgements" ? { ...pair, votes: pair.votes.filter(asked) } : pair, labels);
      });
  }
}

/** KTO's rows hold labelled responses too; nobody of the project judged them, so a filter by judge or day leaves them out. */
const takesResponses = (request: ExportRequest): boolean => request.format === "kto" && !hasVoteFilter(request);

function responsesOf(snapshot: ExportSource["snapshot"], request: ExportRequest, split: Split): number {
  if (!takesResponses(request)) return 0;
  return split === "train" ? snapshot.trainResponses : snapshot.testResponses;
}

async function* counted(
  pages: AsyncIterable<ExportRow[]>,
  onRows: (count: number) => void,
): AsyncGenerator<ExportRow[]> {
  for await (const rows of pages) {
    onRows(rows.length);
    yield rows;
  }
}

/** Reads everything once before a byte is sent: a download that breaks off half-way tells nobody why. */
async function requireFit(source: ExportSource, request: ExportRequest, splits: readonly Split[]): Promise<void> {
  const { misfit } = formatTable[request.format];
  let pairs = splits.reduce((sum, split) => sum + responsesOf(source.snapshot, request, split), 0);
  let misfits = 0;
  let first: Misfit | null = null;
  for (const split of splits) {
    const pages = hasVoteFilter(request)
      ? examplesOf(judgedPages(source, split, request))
      : examplePages(source, split, request.minAgreement);
    for await (const page of pages) {
      for (const example of page) {
        const found = misfit(example);
        pairs += 1;
        if (found === null) continue;
        misfits += 1;
        first ??= found;
      }
    }
  }
  if (first !== null)
    throw new DomainError("invalid_input", {
      field: "format",
      problem: `${misfits} rows ${misfitSentences[first]}`,
      rows: misfits,
      misfit: first,
    });
  if (pairs === 0)
    throw new DomainError("invalid_input", {
      field: "filters",
      problem: "No pair of this part passes the filters. Ask for less.",
      pairs,
    });
}

async function* examplesOf(pages: ReturnType<typeof judgedPages>) {
  for await (const page of pages) yield page.map(({ example }) => example);
}
