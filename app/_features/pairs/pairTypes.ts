import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/trpc/appRouter";

export type PairBatchRow = inferRouterOutputs<AppRouter>["pairs"]["list"]["batches"][number];

export const isUnderWay = ({ state }: Pick<PairBatchRow, "state">): boolean =>
  state === "queued" || state === "running";
