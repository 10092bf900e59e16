import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/trpc/appRouter";

type Outputs = inferRouterOutputs<AppRouter>["datasets"];
export type DiffPair = Outputs["diff"]["pairs"][number];
export type SnapshotRow = Outputs["list"]["snapshots"][number];
