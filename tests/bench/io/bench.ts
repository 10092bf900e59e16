import { fork } from "node:child_process";
import { once } from "node:events";
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { eq } from "drizzle-orm";
import { membership, project } from "@/db/schema/identity";
import { importBatch } from "@/db/schema/items";
import { exportFormats } from "@/server/domain/exports/formats";
import { combinationRuleSchema } from "@/server/domain/preference";
import { authorize } from "@/server/services/access";
import { previewImport } from "@/server/services/imports.service";
import { pieceBytes } from "@/server/services/uploads.service";
import { startProduct } from "../../helpers/product";
import { productWorld } from "../../helpers/productWorld";
import { sessionCookie } from "../../helpers/session";
import { hardware } from "../hardware";
import { quantile } from "../quantile";
import type { LoadOrder, LoadResult } from "../voteLoad";
import { writeTriples } from "./triples";

/**
 * `npm run bench:io -- [--rows 100000,1000000] [--rate 20] [--formats trl-standard,…] [--files jsonl,parquet]`: triples into and
 * out of the whole product as `npm start` runs it, while people vote in another project; the web process's memory meanwhile.
 */
const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "100000,1000000" },
    rate: { type: "string", default: "20" },
    formats: { type: "string", default: exportFormats.join(",") },
    files: { type: "string", default: "jsonl" },
  },
});
const [annotators, overlap] = [20, 20];
const text = (length: number) => (i: number) => `${i} ${"words ".repeat(length)}`;

/** Megabytes that a process has in memory now, and had at most. */
function memoryOf(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024;
  return { now: read("VmRSS"), most: read("VmHWM") };
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

function webOf(supervisor: number): number {
  const found = childrenOf(supervisor).find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("web.mjs"));
  if (found === undefined) throw new Error("no web process");
  return found;
}

/** People who vote until it is told to stop; milliseconds a vote. */
function voters(order: Omit<LoadOrder, "seconds">): { stop(): Promise<LoadResult> } {
  const child = fork(fileURLToPath(new URL("../voteLoad.ts", import.meta.url)), [], { execArgv: ["--import", "tsx"] });
  child.send({ ...order, seconds: 3_600 });
  return {
    async stop() {
      const result = once(child, "message");
      child.send("stop");
      return ((await result) as [LoadResult])[0];
    },
  };
}

function tell(what: string, seconds: number, rows: number, votes: readonly number[], web: number): void {
  const sorted = [...votes].sort((a, b) => a - b);
  const at = (share: number) => (sorted.length > 0 ? quantile(sorted, share).toFixed(0) : "–").padStart(7);
  const { now, most } = memoryOf(web);
  const figures = [seconds.toFixed(1), ((seconds / rows) * 1e6).toFixed(0), String(sorted.length)];
  console.log(
    `${what.padEnd(44)}${figures.map((s) => s.padStart(9)).join("")}${at(0.5)}${at(0.99)}${at(1)}${now.toFixed(0).padStart(8)}${most.toFixed(0).padStart(8)}`,
  );
}

interface Admin {
  readonly url: string;
  readonly cookie: string;
}

/** A mutation, however long it takes. */
async function mutate<T>({ url, cookie }: Admin, path: string, json: unknown): Promise<T> {
  const headers = { cookie, origin: url, "content-type": "application/json" };
  const answer = await fetch(`${url}/api/trpc/${path}`, { method: "POST", headers, body: JSON.stringify({ json }) });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { result: { data: { json: T } } }).result.data.json;
}

/** Sends a file in pieces, as the page does. */
async function uploadInPieces({ url, cookie }: Admin, file: string): Promise<string> {
  const bytes = statSync(file).size;
  const headers = { cookie, origin: url };
  const base = `${url}/api/import/io/uploads`;
  const begun = await fetch(base, {
    method: "POST",
    headers,
    body: JSON.stringify({ fileName: "triples.jsonl", bytes }),
  });
  const { uploadId } = (await begun.json()) as { uploadId: string };
  for (let offset = 0; offset < bytes; offset += pieceBytes) {
    const end = Math.min(bytes, offset + pieceBytes);
    const chunks: Buffer[] = [];
    for await (const chunk of createReadStream(file, { start: offset, end: end - 1 })) chunks.push(chunk as Buffer);
    const piece = await fetch(`${base}/${uploadId}`, {
      method: "PATCH",
      headers: { ...headers, "upload-offset": String(offset) },
      body: new Uint8Array(Buffer.concat(chunks)),
    });
    if (piece.status !== 204) throw new Error(`piece at ${offset}: ${piece.status} ${await piece.text()}`);
  }
  const finished = await fetch(`${base}/${uploadId}`, { method: "POST", headers });
  if (finished.status !== 200) throw new Error(await finished.text());
  return ((await finished.json()) as { importId: string }).importId;
}

/** Bytes of a download that is read as fast as it comes. */
function download(url: string, cookie: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { cookie } }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on("end", () =>
        response.statusCode === 200 ? resolve(bytes) : reject(new Error(`${response.statusCode}`)),
      );
      response.on("error", reject);
    });
    asked.on("error", reject).end();
  });
}

async function benchRows(rows: number, folder: string): Promise<void> {
  const file = join(folder, `${rows}.jsonl`);
  const bytes = await writeTriples(file, rows);
  console.log(`${rows} triples, ${(bytes / 1e6).toFixed(0)} MB`);
  const world = await productWorld({
    annotators,
    items: 20_000,
    overlap,
    prompt: text(40),
    first: text(60),
    second: text(70),
  });
  const { app, port } = world;
  const projectId = "io";
  app.db.insert(project).values({ id: projectId, name: "In and out", overlap: 1, seed: 1 }).run();
  app.db.insert(membership).values({ projectId, userId: "boss", role: "admin" }).run();
  const product = await startProduct({ dataDir: app.env.dataDir, port });
  try {
    const web = webOf(product.supervisor.pid as number);
    const cookie = await sessionCookie(app, "boss");
    const admin: Admin = { url: product.url, cookie };
    const cookies = await Promise.all(Array.from({ length: annotators }, (_, i) => sessionCookie(app, `u${i}`)));
    let seed = 0;
    const during = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      seed += 1;
      const load = voters({ url: product.url, cookies, rate: Number(values.rate), warmUpSeconds: 2, seed });
      await sleep(3_000);
      const began = performance.now();
      const result = await work();
      const seconds = (performance.now() - began) / 1000;
      tell(what, seconds, rows, await load.stop(), web);
      return result;
    };
    const importId = await during("upload in pieces", () => uploadInPieces(admin, file));
    const access = authorize(app.db, "boss", projectId, "admin");
    const { mapping } = await previewImport({ db: app.db, uploadsDir: app.env.uploadsDir }, access, { importId });
    await during("import", async () => {
      await mutate(admin, "imports.commit", { projectId, importId, mapping });
      for (;;) {
        const found = app.db.select().from(importBatch).where(eq(importBatch.id, importId)).get();
        const { state, itemsAdded } = found ?? { state: "failed", itemsAdded: 0 };
        if (state === "failed") throw new Error("the import failed");
        if (state === "finished" && itemsAdded !== rows) throw new Error(`${itemsAdded} of ${rows} came in`);
        if (state === "finished") return;
        await sleep(250);
      }
    });
    const rule = combinationRuleSchema.parse({});
    const { id } = await during("snapshot", () =>
      mutate<{ id: string }>(admin, "datasets.create", { projectId, rule, note: "" }),
    );
    for (const format of values.formats.split(",").filter(Boolean))
      for (const kind of values.files.split(","))
        await during(`out: ${format}, ${kind}`, () =>
          download(`${product.url}/api/export/${id}?format=${format}&file=${kind}&split=all`, cookie),
        );
  } finally {
    await product.stop();
    rmSync(app.env.dataDir, { recursive: true, force: true });
  }
}

console.log(
  `${hardware()}\n${values.rate} votes a second meanwhile; milliseconds a vote, megabytes of the web process`,
);
const head = ["seconds", "µs/row", "votes"].map((s) => s.padStart(9)).join("");
console.log(
  `${"".padEnd(44)}${head}${["p50", "p99", "max"].map((s) => s.padStart(7)).join("")}${"now".padStart(8)}${"most".padStart(8)}`,
);
const folder = mkdtempSync(join(tmpdir(), "bench-io-"));
try {
  for (const rows of values.rows.split(",").map(Number)) await benchRows(rows, folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
