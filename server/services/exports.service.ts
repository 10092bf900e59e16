import { join } from "node:path";
import { Readable } from "node:stream";
import { eq } from "drizzle-orm";
import { project } from "@/db/schema/identity";
import type { PreferenceExample } from "@/trainer/contracts/example";
import { DomainError } from "../domain/errors";
import type { Access } from "./access";
import { readLines } from "./imports.lines";
import { snapshotFolder } from "./snapshots.files";
import { getSnapshot, type SnapshotStore } from "./snapshots.service";

export const exportFormats = ["trl-standard", "trl-conversational"] as const;
export type ExportFormat = (typeof exportFormats)[number];
export const exportSplits = ["train", "test", "all"] as const;
export type ExportSplit = (typeof exportSplits)[number];

/** Characters gathered before they are handed to the connection. */
const pieceLength = 65_536;

/** TRL's standard rows hold plain text: one question, one answer on each side, and nothing before. */
const isPlain = ({ prompt, chosen, rejected }: PreferenceExample): boolean =>
  [prompt, chosen, rejected].every((messages) => messages.length === 1) && prompt[0]?.role === "user";

const toLine: Record<ExportFormat, (example: PreferenceExample) => object> = {
  "trl-standard": ({ prompt, chosen, rejected }) => ({
    prompt: prompt[0]?.content,
    chosen: chosen[0]?.content,
    rejected: rejected[0]?.content,
  }),
  "trl-conversational": ({ prompt, chosen, rejected }) => ({ prompt, chosen, rejected }),
};

/**
 * A snapshot as JSONL, streamed from its files as fast as the other side takes it. A column that mixes text and lists is
 * refused by every loader, and a joined conversation is no longer one: so `trl-standard` is refused when any row has
 * several turns or a system message.
 */
export async function openExport(
  { db, snapshotsDir }: SnapshotStore,
  access: Access<"admin">,
  request: { snapshotId: string; format: ExportFormat; split: ExportSplit },
): Promise<{ fileName: string; body: ReadableStream<Uint8Array> }> {
  const { format, split } = request;
  const { contentHash, number } = getSnapshot(db, access, request.snapshotId);
  const folder = snapshotFolder(snapshotsDir, contentHash);
  const files = (split === "all" ? ["train", "test"] : [split]).map((name) => join(folder, `${name}.jsonl`));
  if (format === "trl-standard") await requirePlain(files);
  const name =
    db.select({ name: project.name }).from(project).where(eq(project.id, access.projectId)).get()?.name ?? "";
  const stem = name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "dataset";
  return {
    fileName: `${stem}-${number}-${split}.${format}.jsonl`,
    body: Readable.toWeb(Readable.from(exported(files, format), { objectMode: false })) as ReadableStream<Uint8Array>,
  };
}

async function* readExamples(files: readonly string[]): AsyncGenerator<PreferenceExample> {
  for (const file of files)
    for await (const { bytes } of readLines(file)) yield JSON.parse(bytes.toString("utf8")) as PreferenceExample;
}

async function requirePlain(files: readonly string[]): Promise<void> {
  let turns = 0;
  for await (const example of readExamples(files)) if (!isPlain(example)) turns += 1;
  if (turns === 0) return;
  const problem = `${turns} rows have several turns or a system message, which plain text cannot hold. Choose trl-conversational.`;
  throw new DomainError("invalid_input", { field: "format", problem, rows: turns });
}

async function* exported(files: readonly string[], format: ExportFormat): AsyncGenerator<Buffer> {
  let piece = "";
  for await (const example of readExamples(files)) {
    piece += `${JSON.stringify(toLine[format](example))}\n`;
    if (piece.length < pieceLength) continue;
    yield Buffer.from(piece);
    piece = "";
  }
  if (piece !== "") yield Buffer.from(piece);
}
