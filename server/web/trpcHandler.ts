import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { answerTrpc } from "../http/trpc";

/** As many bytes as a call may send; files go to their own route. */
const largestBody = 8 * 2 ** 20;

/** Answers procedures here, before Next: for a vote, Next's own work is as much as all the rest. Null for other paths. */
export function trpcHandler(publicUrl: string) {
  return (request: IncomingMessage, response: ServerResponse): Promise<void> | null =>
    request.url?.startsWith("/api/trpc/") ? answer(request, response, publicUrl) : null;
}

async function answer(request: IncomingMessage, response: ServerResponse, publicUrl: string): Promise<void> {
  const body = await readBody(request);
  if (body === null) {
    response.writeHead(413, { connection: "close" }).end();
    return;
  }
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const asked = new Request(publicUrl + request.url, {
    method: request.method ?? "GET",
    headers: toHeaders(request),
    body: request.method === "POST" ? new Uint8Array(body) : null,
    signal: gone.signal,
  });
  await send(await answerTrpc(asked), response);
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toHeaders({ headers }: IncomingMessage): Headers {
  const out = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const each of [value ?? []].flat()) out.append(name, each);
  }
  return out;
}

async function send(answered: Response, response: ServerResponse): Promise<void> {
  response.statusCode = answered.status;
  for (const [name, value] of answered.headers) if (name !== "set-cookie") response.setHeader(name, value);
  const cookies = answered.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);
  const isStream = answered.headers.get("content-type")?.startsWith("text/event-stream");
  if (!isStream || !answered.body) {
    response.end(await answered.text());
    return;
  }
  response.flushHeaders();
  // A reader that goes away ends it.
  await pipeline(Readable.fromWeb(answered.body as NodeReadableStream<Uint8Array>), response).catch(() => {});
}
