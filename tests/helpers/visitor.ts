import { createTRPCClient, httpBatchLink } from "@trpc/client";
import type { BrowserContext } from "playwright-core";
import superjson from "superjson";
import type { AppRouter } from "@/server/trpc/appRouter";

/** Somebody who uses a running product over HTTP as a browser does: with cookies, from its own address. */
export class Visitor {
  private readonly jar = new Map<string, string>();

  readonly trpc: ReturnType<typeof createTRPCClient<AppRouter>>;

  constructor(readonly origin: string) {
    const url = `${origin}/api/trpc`;
    const fetch = (address: string | URL | Request, init: object = {}) => this.fetch(String(address), init);
    this.trpc = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url, transformer: superjson, fetch })] });
  }

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("origin", this.origin);
    headers.set("cookie", [...this.jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await fetch(new URL(url, this.origin), { ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.jar.set(name, value);
    }
    return response;
  }

  /** Throws with the server's answer when it refuses. */
  async post<T>(path: string, body: unknown): Promise<T> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await this.fetch(path, { method: "POST", body: text });
    if (!response.ok) throw new Error(`POST ${path} was answered with ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Lets a browser go on as this person. */
  async enter(context: BrowserContext): Promise<void> {
    await context.addCookies([...this.jar].map(([name, value]) => ({ name, value, url: this.origin })));
  }
}
