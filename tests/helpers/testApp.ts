import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "@/server/app";
import { clientAddressHeader } from "@/server/domain/clientAddress";
import { readEnv } from "@/server/env";
import { createLog } from "@/server/log";
import { testDb } from "./testDb";

/** An app in a folder of its own; route handlers called from here on are its. */
export function testApp(variables: Record<string, string> = {}): App {
  const folder = mkdtempSync(join(tmpdir(), "app-"));
  const env = readEnv({ TIEBREAK_DATA: folder, ...variables });
  const app = { env, db: testDb(env.databaseFile), log: createLog("web", "fatal") };
  (globalThis as { __tiebreak?: App }).__tiebreak = app;
  return app;
}

/** A browser as far as the server can tell: it names its origin and keeps its cookies. */
export class Browser {
  private readonly jar = new Map<string, string>();

  constructor(
    private readonly app: App,
    readonly address = "192.0.2.1",
  ) {}

  request(path: string, init: RequestInit = {}): Request {
    const { publicUrl } = this.app.env;
    const headers = new Headers(init.headers);
    headers.set(clientAddressHeader, this.address);
    if (init.method === "POST" && !headers.has("origin")) headers.set("origin", publicUrl);
    if (this.jar.size > 0) headers.set("cookie", [...this.jar].map(([name, value]) => `${name}=${value}`).join("; "));
    return new Request(publicUrl + path, { ...init, headers });
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Request {
    const init = { method: "POST", body: JSON.stringify(body) };
    return this.request(path, { ...init, headers: { "content-type": "application/json", ...headers } });
  }

  keep(response: Response): Response {
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const cut = pair.indexOf("=");
      const gone = attributes.some((a) => /max-age=0/i.test(a));
      if (gone) this.jar.delete(pair.slice(0, cut));
      else this.jar.set(pair.slice(0, cut), pair.slice(cut + 1));
    }
    return response;
  }
}
