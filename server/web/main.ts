import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import next from "next";
import { clientAddress, clientAddressHeader } from "../domain/clientAddress";
import { readEnv } from "../env";
import { createLog } from "../log";

/**
 * The web process: Next behind a small server of our own, so that a client can choose neither its address nor its
 * request id. Started by the supervisor over an IPC channel; ends when that closes.
 */
const env = readEnv();
const log = createLog("web", env.logLevel);

const forwarding = [
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-real-ip",
  "forwarded",
];

/** Replaces what a client said about itself by what the socket and the configured proxies say. */
function stampHeaders(request: IncomingMessage): void {
  const peer = request.socket.remoteAddress ?? "unknown";
  const forwardedFor = request.headers["x-forwarded-for"];
  const address = clientAddress(
    peer,
    Array.isArray(forwardedFor) ? forwardedFor.join(",") : forwardedFor,
    env.trustedProxies,
  );
  for (const header of forwarding) delete request.headers[header];
  request.headers[clientAddressHeader] = address;
  request.headers["x-request-id"] = randomUUID();
}

function setSecurityHeaders(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("referrer-policy", "same-origin");
  response.setHeader("x-request-id", String(request.headers["x-request-id"]));
  if (env.publicUrl.startsWith("https:")) response.setHeader("strict-transport-security", "max-age=31536000");
}

const app = next({ dev: false, hostname: env.host, port: env.port });
await app.prepare();
const handle = app.getRequestHandler();

const server = createServer((request, response) => {
  stampHeaders(request);
  setSecurityHeaders(request, response);
  const started = performance.now();
  response.once("close", () => {
    const ms = Math.round(performance.now() - started);
    const { method, url } = request;
    log.info(
      { requestId: request.headers["x-request-id"], method, url: url?.split("?")[0], status: response.statusCode, ms },
      "request",
    );
  });
  void handle(request, response);
});

/** Stops taking requests, lets the running ones finish for a moment, then ends. */
function stop(): void {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 3_000).unref();
}

process.on("SIGTERM", stop);
process.on("SIGINT", () => {});
process.on("disconnect", stop);
server.on("error", (error) => {
  log.fatal({ err: error }, "cannot listen");
  process.exit(1);
});
server.listen(env.port, env.host, () => process.send?.({ type: "ready" }));
