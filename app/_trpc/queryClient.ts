import { QueryClient } from "@tanstack/react-query";
import superjson from "superjson";
import { readError } from "../_ui/appError";

/** One set of habits for the server's prefetches and the browser: fresh for 10 s, one retry where a retry can help. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 10_000, retry: (failures, error) => failures < 1 && readError(error).retryable },
      // Answers alone, no open questions: one could be answered before the page's script starts, which would then draw
      // something else than the server did.
      dehydrate: { serializeData: superjson.serialize },
      hydrate: { deserializeData: superjson.deserialize },
    },
  });
}
