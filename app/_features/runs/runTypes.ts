import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/trpc/appRouter";

type Outputs = inferRouterOutputs<AppRouter>["runs"];
export type RunRow = Outputs["list"]["runs"][number];
export type RunDetail = Outputs["get"];

/** What a person sees as the run's state: one that was asked to stop is neither training nor cancelled yet. */
export const shownState = ({ state, cancelRequested }: Pick<RunRow, "state" | "cancelRequested">) =>
  cancelRequested && (state === "running" || state === "queued") ? "cancelling" : state;

export const isActive = ({ state }: Pick<RunRow, "state">): boolean => state === "queued" || state === "running";
