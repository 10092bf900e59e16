import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { appRouter } from "../trpc/appRouter";
import { handle } from "./route";

/** Answers a request to a procedure. */
export const answerTrpc = (request: Request): Promise<Response> =>
  handle(request, (context) =>
    fetchRequestHandler({ endpoint: "/api/trpc", req: request, router: appRouter, createContext: () => context }),
  );
