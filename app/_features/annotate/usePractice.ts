"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import type { Side } from "./annotateState";
import type { Pair } from "./outbox";
import { type Verdict, type VerdictRules, verdictAllowed } from "./verdicts";

interface Reading {
  readonly of: string | null;
  readonly since: number;
  readonly seen: Readonly<Record<Side, boolean>>;
  /** A verdict was tried before both answers were seen. */
  readonly hint: boolean;
}

/** A press this soon after a pair came belongs to the one before. */
const settleMs = 250;
const unseen = { left: false, right: false };

/** Practice, pair by pair: the server gives the next one, takes the verdict and says what is right. */
export function usePractice(projectId: string, rules: VerdictRules) {
  const trpc = useTRPC();
  const next = useQuery({
    ...trpc.practice.next.queryOptions({ projectId }),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: "always",
  });
  const answer = useMutation(trpc.practice.answer.mutationOptions());
  const [reading, setReading] = useState<Reading>({ of: null, since: 0, seen: unseen, hint: false });
  const given = next.data?.pair ?? null;
  const pair: Pair | null = given && { ...given, assignmentId: given.id, leaseToken: "", itemId: given.id };
  const id = given?.id ?? null;
  const seen = reading.of === id ? reading.seen : unseen;
  const feedback = id !== null && answer.variables?.pairId === id ? (answer.data ?? null) : null;
  const asking = given !== null && !feedback && !answer.isPending && !next.isFetching;

  const onSeen = useCallback((of: string, side: Side) => {
    setReading((before) => {
      const now = before.of === of ? before : { of, since: Date.now(), seen: unseen, hint: false };
      return now.seen[side] ? now : { ...now, seen: { ...now.seen, [side]: true } };
    });
  }, []);
  const give = (verdict: Verdict) => {
    if (!given || !asking || !verdictAllowed(verdict, rules)) return;
    if (reading.of === id && Date.now() - reading.since < settleMs) return;
    if (!seen.left || !seen.right) {
      setReading((now) => ({ ...(now.of === id ? now : { of: id, since: Date.now(), seen }), hint: true }));
      return;
    }
    const said = verdict === "bad" ? { verdict: null, bothBad: true } : { verdict, bothBad: false };
    answer.mutate({ projectId, pairId: given.id, ...said, durationMs: Date.now() - reading.since });
  };
  return {
    pair,
    seen,
    hint: reading.of === id && reading.hint && !(seen.left && seen.right),
    feedback,
    progress: next.data ?? null,
    waiting: next.isPending || answer.isPending,
    fetching: next.isFetching,
    asking,
    loadError: next.error,
    answerError: answer.error,
    /** The next pair, also after one that could not be fetched. */
    goOn: () => void next.refetch(),
    retry: () => answer.variables && answer.mutate(answer.variables),
    onSeen,
    give,
  };
}
