import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import next from "next";
import { startApp } from "../app";
import { clientAddress, clientAddressHeader } from "../domain/clientAddress";
import { readEnv } from "../env";
import { uploadStore } from "../http/imports";
import { endWithParent } from "../parent";
import { forkedWork } from "../services/imports.child";
import { ImportQueue } from "../services/imports.queue";
import { trpcHandler } from "./trpcHandler";

/** Headers by which a client could name its own address or host; only a trusted proxy's are looked at, here. */
const forwardingHeaders = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-real-ip"];

/** The web process: Next behind a plain HTTP server that knows who is calling. */
async function main(): Promise<void> {
  const env = readEnv();
  // This file runs as dist/web.mjs.
  const reader = fileURLToPath(new URL("./importer.mjs", import.meta.url));
  const core = startApp(env, { importWork: forkedWork(reader, env.databaseFile) });
  const { log } = core;
  const server = createServer();

  function end(): void {
    // Event streams never end by themselves.
    server.close(() => process.exit(0));
    server.closeAllConnections();
    setTimeout(() => process.exit(0), 1_000).unref();
  }
  process.on("SIGTERM", end);
  // Ctrl-C reaches the whole group; the supervisor decides.
  if (process.send) process.on("SIGINT", () => {});
  endWithParent();

  const app = next({ dev: process.env.NODE_ENV === "development", hostname: env.host, port: env.port });
  await app.prepare();
  const page = app.getRequestHandler();
  const procedure = trpcHandler(env.publicUrl);
  const https = env.publicUrl.startsWith("https:");

  function identify(request: IncomingMessage, response: ServerResponse): string {
    const { headers, socket } = request;
    const forwardedFor = String(headers["x-forwarded-for"] ?? "");
    const address = clientAddress(socket.remoteAddress ?? "", forwardedFor, env.trustedProxies);
    for (const name of forwardingHeaders) delete headers[name];
    const requestId = randomUUID();
    headers[clientAddressHeader] = address;
    headers["x-request-id"] = requestId;
    response.setHeader("x-request-id", requestId);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("referrer-policy", "same-origin");
    if (https) response.setHeader("strict-transport-security", "max-age=31536000");
    return requestId;
  }

  server.on("request", (request, response) => {
    const started = performance.now();
    const requestId = identify(request, response);
    // A query can hold a one-time token: only the path is logged.
    const path = (request.url ?? "").split("?")[0];
    response.on("close", () => {
      const ms = Math.round(performance.now() - started);
      const level = path?.startsWith("/_next/") ? "debug" : "info";
      log[level]({ requestId, method: request.method, path, status: response.statusCode, ms }, "request");
    });
    (procedure(request, response) ?? page(request, response)).catch((err: unknown) => {
      log.error({ requestId, err }, "unexpected error");
      if (!response.headersSent) response.statusCode = 500;
      response.end();
    });
  });

  new ImportQueue(uploadStore(core), log).start();
  server.listen(env.port, env.host, () => process.send?.({ type: "ready" }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
