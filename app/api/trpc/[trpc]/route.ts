import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { handle } from "@/server/http/route";
import { appRouter } from "@/server/trpc/appRouter";

const answer = (request: Request): Promise<Response> =>
  handle(request, (context) =>
    fetchRequestHandler({ endpoint: "/api/trpc", req: request, router: appRouter, createContext: () => context }),
  );

export { answer as GET, answer as POST };
