import { createHash } from "node:crypto";
import { Readable, Transform } from "node:stream";
import { ZipFile } from "yazl";
import type { Snapshot } from "@/db/queries/snapshots.queries";
import type { ExportRequest } from "../domain/exports/request";
import { datasetInfo } from "../domain/exports/toolFormats";
import { combinationRuleSchema } from "../domain/preference";
import { datasetCard } from "./snapshots.card";
import type { SnapshotCounts, Split } from "./snapshots.pairs";

interface FolderFile {
  readonly split: Split;
  open(onRows: (count: number) => void): AsyncGenerator<Buffer>;
}

interface WrittenFile {
  readonly path: string;
  readonly split: Split;
  rows: number;
  bytes: number;
  sha256: string;
}

/**
 * A zip of `data/<split>.<ending>`, `README.md` (the hub's card, which tells `datasets.load_dataset` the splits) and
 * `manifest.json`; for LLaMA-Factory also `dataset_info.json`. Card and manifest come last: they say what was written.
 */
export function zipFolder(folder: {
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly request: ExportRequest;
  readonly files: readonly FolderFile[];
}): Readable {
  const { name, snapshot, request, files } = folder;
  const zip = new ZipFile();
  const output = Readable.from(zip.outputStream);
  zip.on("error", (error: Error) => output.destroy(error));
  const written: WrittenFile[] = [];
  const later = (path: string, text: () => string) =>
    zip.addReadStreamLazy(path, (give) => give(null, Readable.from([Buffer.from(text())])));
  for (const { split, open } of files) {
    const file: WrittenFile = { path: `data/${split}.${request.file}`, split, rows: 0, bytes: 0, sha256: "" };
    written.push(file);
    const compress = request.file !== "parquet";
    zip.addReadStreamLazy(file.path, { compress }, (give) => {
      const bytes = Readable.from(
        open((count) => {
          file.rows += count;
        }),
        { objectMode: false },
      );
      give(null, bytes.on("error", (error) => output.destroy(error)).pipe(measure(file)));
    });
  }
  if (request.format === "llamafactory-sharegpt" || request.format === "llamafactory-alpaca") {
    const { format } = request;
    later("dataset_info.json", () => jsonText(datasetInfo(format, namedFiles(snapshot, written))));
  }
  later("README.md", () =>
    datasetCard({ ...snapshot, name, rule: combinationRuleSchema.parse(snapshot.rule) }, snapshot as SnapshotCounts, {
      format: request.format,
      files: written.filter(({ rows }) => rows > 0),
    }),
  );
  later("manifest.json", () =>
    jsonText({
      formatVersion: 1,
      name,
      snapshot: snapshot.number,
      contentHash: snapshot.contentHash,
      rule: snapshot.rule,
      request,
      files: written,
    }),
  );
  zip.end();
  return output;
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const namedFiles = ({ number }: Snapshot, files: readonly WrittenFile[]): Record<string, string> =>
  Object.fromEntries(
    files
      .filter(({ rows }) => rows > 0)
      .map(({ path, split }) => [split === "train" ? `tiebreak_${number}` : `tiebreak_${number}_test`, path]),
  );

/** Hands bytes on and notes how many they were and their SHA-256. */
export function measure(file: { bytes: number; sha256: string }): Transform {
  const hash = createHash("sha256");
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      file.bytes += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      file.sha256 = hash.digest("hex");
      done();
    },
  });
}
