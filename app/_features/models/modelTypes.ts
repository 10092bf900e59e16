import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/trpc/appRouter";

export type ModelRow = inferRouterOutputs<AppRouter>["models"]["list"]["models"][number];

export type CompressionRow = inferRouterOutputs<AppRouter>["models"]["compressions"]["compressions"][number];

/** The model that comes with Tiebreak. */
export const starterModelId = "starter";
export type IncomingModels = inferRouterOutputs<AppRouter>["models"]["incoming"];
