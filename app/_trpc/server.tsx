import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { headers } from "next/headers";
import { cache, type ReactNode } from "react";
import { getApp } from "@/server/app";
import { appRouter } from "@/server/trpc/appRouter";
import { createContext } from "@/server/trpc/context";
import { readError } from "../_ui/appError";
import { makeQueryClient } from "./queryClient";

// One of each for a request: two components that ask the same are answered once.
const requestQueries = cache(makeQueryClient);
const requestContext = cache(async () => createContext(getApp(), new Headers(await headers()), null));

/** The procedures for server components, in process: the same checks as over the wire. */
export const serverTrpc = createTRPCOptionsProxy({
  ctx: requestContext,
  router: appRouter,
  queryClient: requestQueries,
});

/** Who is looking at the page; null for nobody. */
export const getViewer = cache(async () => {
  const { user } = await appRouter.createCaller(await requestContext()).session.me();
  return user;
});

/** The project at hand, also kept for the page below; null for those who do not belong to it. */
export const getProject = cache(async (projectId: string) => {
  try {
    return await requestQueries().fetchQuery(serverTrpc.projects.get.queryOptions({ projectId }));
  } catch (error) {
    const { cause } = error as { cause?: { code?: unknown } };
    if (cause?.code === "not_found" || readError(error).code === "not_found") return null;
    throw error;
  }
});

/** Asks on the server already; what goes wrong here is asked again by the page, which can show it. */
export async function prefetch(options: unknown): Promise<void> {
  await requestQueries().prefetchQuery(options as Parameters<ReturnType<typeof requestQueries>["prefetchQuery"]>[0]);
}

/** Hands what was prefetched to the page. */
export function Hydrate({ children }: { children: ReactNode }) {
  return <HydrationBoundary state={dehydrate(requestQueries())}>{children}</HydrationBoundary>;
}
