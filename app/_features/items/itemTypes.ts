import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/trpc/appRouter";

type Outputs = inferRouterOutputs<AppRouter>["items"];
export type ItemRow = Outputs["list"]["items"][number];
export type ItemDetail = Outputs["get"];
export type ItemJudgement = ItemDetail["judgements"][number];
