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
  readonly error?: { readonly json: { readonly message: string; readonly data: { readonly httpStatus: number } } };
}

/** Mutations in one request, as the pages' batch link sends what is called at once: `[path, input]` each. */
export type BatchCaller = (calls: readonly (readonly [path: string, input: unknown])[]) => Promise<unknown[]>;

/** Calls over HTTP as a page does: superjson, the session's cookie, the page's origin. Throws HttpError, or Node's error when nobody answers. */
export function batchCaller(url: string, cookie: string, agent: Agent): BatchCaller {
  const headers = { "content-type": "application/json", cookie, origin: url };
  return async (calls) => {
    const paths = calls.map(([path]) => path).join(",");
    const body = JSON.stringify(Object.fromEntries(calls.map(([, input], i) => [i, superjson.serialize(input)])));
    const { status, text } = await post(`${url}/api/trpc/${paths}?batch=1`, { ...headers }, body, agent);
    if (!text.startsWith("[")) throw new HttpError(status, "");
    return (JSON.parse(text) as Reply[]).map(({ result, error }) => {
      if (!result) throw new HttpError(error?.json.data.httpStatus ?? status, error?.json.message ?? "");
      return superjson.deserialize(result.data);
    });
  };
}

/** Calls one mutation. */
export type Caller = <T>(path: string, input: unknown) => Promise<T>;

export function trpcCaller(url: string, cookie: string, agent: Agent): Caller {
  const batch = batchCaller(url, cookie, agent);
  return async <T>(path: string, input: unknown) => (await batch([[path, input]]))[0] as T;
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
