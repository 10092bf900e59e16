"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC, useTRPCClient } from "@/app/_trpc/client";

export interface Walk {
  readonly itemId: string;
  readonly policyId: string;
  readonly referenceId: string;
  readonly rewardModelId: string | null;
}

/** Has the worker score a pair, once for each choice of pair and models while the page is open. */
export function useWalk(projectId: string, walk: Walk) {
  const client = useTRPCClient();
  const trpc = useTRPC();
  const { data, error, refetch } = useQuery({
    queryKey: [...trpc.learn.walk.mutationKey(), projectId, walk],
    queryFn: () => client.learn.walk.mutate({ projectId, ...walk }),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  return { scoringId: data?.scoringId ?? null, error, again: () => void refetch() };
}
