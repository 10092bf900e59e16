import type { App } from "../app";
import type { Access } from "../services/access";
import { followRun } from "../services/runs.service";

/** A run's events as server-sent events, from `after` (or the Last-Event-ID that a client goes on from) to its end. */
export function runEventStream(
  { db }: App,
  access: Access<"admin">,
  from: { readonly runId: string; readonly after: number },
  request: Request,
): Response {
  const last = Number(request.headers.get("last-event-id") ?? Number.NaN);
  const after = Number.isInteger(last) && last > from.after ? last : from.after;
  const gone = new AbortController();
  request.signal.addEventListener("abort", () => gone.abort());
  const events = followRun(db, access, { runId: from.runId, after }, gone.signal);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await events.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`id: ${value.seq}\ndata: ${JSON.stringify(value.event)}\n\n`));
    },
    async cancel() {
      gone.abort();
      await events.return(undefined);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
}
