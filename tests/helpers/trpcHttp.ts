import { type Agent, request } from "node:http";
import superjson from "superjson";

/** An answer of the server that is an error. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(`${status} ${code}`);
  }
}

interface Reply {
  readonly result?: { readonly data: Parameters<typeof superjson.deserialize>[0] };
  readonly error?: { readonly json: { readonly message: string } };
}

/** Calls a mutation with the request a browser would send; throws HttpError, or Node's error when nobody answers. */
export type Caller = <T>(path: string, input: unknown) => Promise<T>;

/** Calls procedures over HTTP as the pages do: a batch of one, superjson, the session's cookie, the page's origin. */
export function trpcCaller(url: string, cookie: string, agent: Agent): Caller {
  const headers = { "content-type": "application/json", cookie, origin: url };
  return async <T>(path: string, input: unknown) => {
    const body = JSON.stringify({ 0: superjson.serialize(input) });
    const { status, text } = await post(`${url}/api/trpc/${path}?batch=1`, { ...headers }, body, agent);
    const [reply] = status < 500 || text.startsWith("[") ? (JSON.parse(text) as [Reply]) : [{} as Reply];
    if (!reply.result) throw new HttpError(status, reply.error?.json.message ?? "");
    return superjson.deserialize<T>(reply.result.data);
  };
}

function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  agent: Agent,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: "POST", headers, agent }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    call.setTimeout(15_000, () => call.destroy(new Error("no answer within 15 s")));
    call.on("error", reject);
    call.end(body);
  });
}
