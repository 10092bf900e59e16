import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/trpc/appRouter";

type Outputs = inferRouterOutputs<AppRouter>["runs"];
export type RunRow = Outputs["list"]["runs"][number];
export type RunDetail = Outputs["get"];

/** What a person sees as the run's state: one that was asked to stop is neither training nor cancelled yet. */
export function shownState({ state, cancelRequested, pauseRequested }: RunWishes) {
  if (state !== "running") return state;
  if (cancelRequested) return "cancelling";
  return pauseRequested ? "pausing" : state;
}

export type RunWishes = Pick<RunRow, "state" | "cancelRequested" | "pauseRequested">;

/** It waits, trains or pauses: there is more to come. */
export const isActive = ({ state }: Pick<RunRow, "state">): boolean =>
  state === "queued" || state === "running" || state === "paused";
