import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HubRepository {
  readonly files: Readonly<Record<string, Buffer>>;
  /** Only for those with this token. */
  readonly gatedBy?: string;
  /** The token is known and not accepted. */
  readonly refuses?: boolean;
}

const commit = "0123456789abcdef0123456789abcdef01234567";

/**
 * A hub as https://huggingface.co/docs/hub/api and huggingface_hub's source describe it: large files lie at another host, behind a
 * redirect. What goes wrong is told by the fields.
 */
export class HubServer {
  readonly asked: {
    path: string;
    range: string | undefined;
    authorization: string | undefined;
    host: "hub" | "store";
  }[] = [];
  /** Files that break off after so many bytes of an answer, as often as the list is long. */
  readonly cuts = new Map<string, number[]>();
  /** Files that arrive with a byte changed. */
  readonly damaged = new Set<string>();
  /** Files whose ranges are ignored. */
  readonly rangeless = new Set<string>();
  /** Answers before the first good one, by file. */
  readonly statuses = new Map<string, number[]>();
  private readonly hub: Server;
  private readonly store: Server;

  constructor(private readonly repositories: Readonly<Record<string, HubRepository>>) {
    this.hub = createServer((request, response) => this.answer(request, response));
    this.store = createServer((request, response) => {
      this.note(request, "store");
      const [, repo = "", path = ""] = /^\/([^?]+)\?file=(.+)$/.exec(request.url ?? "") ?? [];
      this.send(request, response, decodeURIComponent(repo), decodeURIComponent(path));
    });
  }

  async start(): Promise<string> {
    for (const server of [this.hub, this.store])
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.hub.address() as AddressInfo).port}`;
  }

  stop(): void {
    for (const server of [this.hub, this.store]) {
      server.close();
      server.closeAllConnections();
    }
  }

  private note({ url, headers }: IncomingMessage, host: "hub" | "store"): void {
    this.asked.push({ path: url ?? "", range: headers.range, authorization: headers.authorization, host });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.note(request, "hub");
    const { pathname, searchParams } = new URL(request.url ?? "", "http://hub");
    const [, listed] = /^\/api\/models\/(.+)\/revision\/main$/.exec(pathname) ?? [];
    const [, owner, file] = /^\/(.+)\/resolve\/[0-9a-f]{40}\/(.+)$/.exec(pathname) ?? [];
    const name = listed ?? owner ?? "";
    const repository = this.repositories[name];
    const fail = (status: number, code: string) =>
      response.writeHead(status, { "x-error-code": code }).end(JSON.stringify({ error: code }));
    // As the hub does: who is not known learns nothing, not even that there is no such thing.
    if (!repository) return void fail(request.headers.authorization ? 404 : 401, "RepoNotFound");
    const { gatedBy } = repository;
    if (gatedBy && file && request.headers.authorization !== `Bearer ${gatedBy}`) return void fail(401, "GatedRepo");
    if (repository.refuses && file) return void fail(403, "GatedRepo");
    if (listed) {
      const siblings = Object.entries(repository.files).map(([rfilename, data]) =>
        searchParams.get("blobs") === "true" ? { rfilename, ...blobOf(rfilename, data) } : { rfilename },
      );
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ id: name, sha: commit, cardData: { license: "apache-2.0" }, siblings }));
      return;
    }
    const path = decodeURIComponent(file ?? "");
    if (!repository.files[path]) return void fail(404, "EntryNotFound");
    const status = this.statuses.get(path)?.shift();
    if (status) return void fail(status, "Busy");
    if (!isLarge(path)) return void this.send(request, response, name, path);
    const { port } = this.store.address() as AddressInfo;
    const location = `http://127.0.0.1:${port}/${encodeURIComponent(name)}?file=${encodeURIComponent(path)}`;
    response.writeHead(302, { location }).end();
  }

  private send(request: IncomingMessage, response: ServerResponse, name: string, path: string): void {
    const data = Buffer.from(this.repositories[name]?.files[path] ?? []);
    if (this.damaged.has(path)) data[data.length >> 1] = (data[data.length >> 1] ?? 0) ^ 1;
    const [, asked] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const from = asked && !this.rangeless.has(path) ? Number(asked) : 0;
    if (from >= data.length && from > 0) return void response.writeHead(416).end();
    const rest = data.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { "content-length": rest.length });
    const cut = this.cuts.get(path)?.shift();
    if (cut === undefined) return void response.end(rest);
    // Closed a moment after what was written, not reset: that would take along what is still on its way, and a reader drops
    // what it has not taken in yet when the line breaks.
    response.flushHeaders();
    response.write(rest.subarray(0, cut), () => setTimeout(() => response.socket?.end(), cut > 0 ? 50 : 0));
  }
}

const isLarge = (path: string): boolean => /\.(safetensors|gguf|bin)$/.test(path);

function blobOf(path: string, data: Buffer) {
  const size = data.length;
  if (!isLarge(path)) return { size, blobId: createHash("sha1").update(`blob ${size}\0`).update(data).digest("hex") };
  const sha256 = createHash("sha256").update(data).digest("hex");
  return { size, blobId: "f".repeat(40), lfs: { sha256, size, pointerSize: 134 } };
}
