"use client";
import { CircleCheck, CirclePause, CloudOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/Button";
import { EmptyState } from "@/app/_ui/EmptyState";
import { Skeleton } from "@/app/_ui/Skeleton";
import type { Phase } from "./annotateState";
import type { Annotator } from "./annotator";

interface Props {
  phase: Exclude<Phase, "guidelines" | "practice">;
  checking: boolean;
  /** Votes that are kept here until the server answers. */
  waiting: number;
  annotator: Annotator;
}

/** What stands in the pair's place while there is none. */
export function Rest({ phase, checking, waiting, annotator }: Props) {
  const t = useTranslations("annotate");
  if (phase === "loading" || phase === "judging") return <PairSkeleton />;
  const { icon, event } = rests[phase];
  return (
    <div className="flex min-h-0 flex-1 flex-col justify-center overflow-y-auto p-4" data-testid={phase}>
      <div className="mx-auto w-full max-w-xl">
        <EmptyState
          icon={icon}
          title={t(`${phase}.title`)}
          action={
            <Button
              variant="primary"
              autoFocus={phase === "paused"}
              pending={phase !== "paused" && checking}
              onClick={() => annotator.tell({ type: event })}
            >
              {t(`${phase}.action`)}
            </Button>
          }
        >
          {t(`${phase}.text`, { count: waiting })}
        </EmptyState>
      </div>
    </div>
  );
}

const rests = {
  paused: { icon: <CirclePause />, event: "resume" },
  empty: { icon: <CircleCheck />, event: "recheck" },
  cutOff: { icon: <CloudOff />, event: "recheck" },
} as const;

/** The pair's own layout, so that nothing jumps when it comes. */
export function PairSkeleton() {
  const t = useTranslations("annotate");
  const lines = ["w-11/12", "w-full", "w-4/5", "w-5/6", "w-2/3"];
  return (
    <div className="flex min-h-0 flex-1 flex-col" aria-busy="true">
      <p className="sr-only">{t("loading")}</p>
      <div className="flex h-16 flex-col justify-center gap-2 border-b border-line px-4">
        <Skeleton className="w-3/4 max-w-xl" />
        <Skeleton className="w-1/2 max-w-md" />
      </div>
      <div className="grid min-h-0 flex-1 gap-3 p-3 md:grid-cols-2">
        {(["left", "right"] as const).map((side) => (
          <div
            key={side}
            className={`flex flex-col gap-3 rounded-md border border-line bg-surface p-4 ${side === "right" ? "max-md:hidden" : ""}`}
          >
            {lines.map((width) => (
              <Skeleton key={width} className={width} />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
