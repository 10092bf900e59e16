"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/app/_trpc/client";
import type { ScoredAnswer } from "@/trainer/contracts/inference";

interface Scoring {
  /** In the order of the answers that were asked about; null while the worker is at it. */
  readonly result: readonly ScoredAnswer[] | null;
  /** The worker's own sentence about what went wrong. */
  readonly failure: string | null;
  /** The same person asked something else before the worker came to it. */
  readonly dropped: boolean;
  readonly error: unknown;
  readonly retry: () => void;
}

/** Follows what somebody asked the worker about answers until it is there. */
export function useScoring(projectId: string, scoringId: string): Scoring {
  const trpc = useTRPC();
  const { data, error, refetch } = useQuery(
    trpc.scorings.get.queryOptions(
      { projectId, scoringId },
      {
        staleTime: Number.POSITIVE_INFINITY,
        refetchInterval: ({ state }) => (state.data && !["queued", "running"].includes(state.data.state) ? false : 400),
      },
    ),
  );
  return {
    result: data?.result ?? null,
    failure: data?.error ?? null,
    dropped: data?.state === "cancelled",
    error,
    retry: () => void refetch(),
  };
}
