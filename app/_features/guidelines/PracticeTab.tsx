"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/app/_trpc/client";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { PracticePairs } from "./PracticePairs";
import { PracticeResults } from "./PracticeResults";
import { PracticeWanted } from "./PracticeWanted";

interface Props {
  projectId: string;
  rules: { readonly verdictSteps: number; readonly allowBothBad: boolean };
  /** An item to make a practice pair of. */
  fromItem: string | null;
}

/** How many pairs newcomers practise on, which, and how they did. */
export function PracticeTab({ projectId, rules, fromItem }: Props) {
  const trpc = useTRPC();
  const practice = useQuery(trpc.practice.list.queryOptions({ projectId }));
  if (practice.isPending) return <SkeletonRows rows={6} />;
  if (practice.isError) return <ErrorNote error={practice.error} onRetry={() => void practice.refetch()} />;
  return (
    <div className="flex flex-col gap-4">
      <PracticeWanted key={practice.data.wanted} projectId={projectId} practice={practice.data} />
      <PracticePairs projectId={projectId} rules={rules} pairs={practice.data.pairs} fromItem={fromItem} />
      <PracticeResults people={practice.data.people} />
    </div>
  );
}
