"use client";
import { BookOpen, CircleHelp, GraduationCap } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/Button";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { IconButton } from "@/app/_ui/IconButton";
import type { AnnotateState } from "./annotateState";
import type { Annotator } from "./annotator";
import type { CompareProject } from "./Compare";
import { CompareDialogs, type Panel } from "./CompareDialogs";
import type { KeyAction } from "./keys";
import { PairView } from "./PairView";
import { PlainHeader } from "./PlainHeader";
import { PracticeFeedback } from "./PracticeFeedback";
import { PairSkeleton } from "./Rest";
import { useCompareKeys } from "./useCompareKeys";
import { usePractice } from "./usePractice";
import { useReading } from "./useReading";
import { PlainAction } from "./VerdictBar";
import { VerdictButtons } from "./VerdictButtons";

interface Props {
  project: CompareProject;
  annotator: Annotator;
  state: AnnotateState;
}

/** A newcomer's first pairs, whose right verdict is known and told after each. Nothing of it counts as a vote. */
export function Practice({ project, annotator, state }: Props) {
  const t = useTranslations("guidelines.practice");
  const words = useTranslations("annotate");
  const practice = usePractice(project.id, state.rules);
  const { pair, feedback, progress } = practice;
  const [panel, setPanel] = useState<Panel | null>(null);
  const reading = useReading(pair?.assignmentId ?? null);
  const finish = () => annotator.tell({ type: "practised" });
  const act = (action: KeyAction) => {
    if (action.do === "close") setPanel(null);
    else if (panel) return;
    else if (action.do === "verdict") practice.give(action.verdict);
    else if (action.do === "diff") reading.toggleDiff();
    else if (action.do === "prompt") reading.fold();
    else if (action.do === "guidelines" || action.do === "help") setPanel(action.do);
  };
  useCompareKeys(state.rules, 0, act);
  const wanted = progress?.wanted ?? 0;
  // The answer to the pair on the page is counted as soon as it is given.
  const at = Math.min(wanted, (progress?.done ?? 0) + 1);
  return (
    <div className="fills-window flex h-dvh flex-col overflow-hidden" data-testid="compare" data-phase="practice">
      <PlainHeader projectName={project.name} state={state} note={pair ? t("progress", { at, wanted }) : undefined}>
        <IconButton
          label={words("guidelines.open")}
          aria-keyshortcuts="g"
          icon={<BookOpen aria-hidden className="size-[18px]" />}
          onClick={() => setPanel("guidelines")}
        />
        <IconButton
          label={words("help.open")}
          aria-keyshortcuts="?"
          icon={<CircleHelp aria-hidden className="size-[18px]" />}
          onClick={() => setPanel("help")}
        />
      </PlainHeader>
      {practice.loadError ? (
        <div className="flex-1 p-4">
          <ErrorNote error={practice.loadError} onRetry={practice.goOn} />
        </div>
      ) : pair ? (
        <PairView
          key={pair.assignmentId}
          pair={pair}
          active
          linked={false}
          diff={reading.diff}
          promptOpen={reading.promptOpen}
          onFold={reading.fold}
          leftSeen={practice.seen.left}
          rightSeen={practice.seen.right}
          hint={practice.hint}
          onSeen={practice.onSeen}
        />
      ) : practice.waiting ? (
        <PairSkeleton />
      ) : (
        <div className="flex flex-1 flex-col justify-center p-4">
          <EmptyState
            icon={<GraduationCap />}
            title={t("over")}
            action={
              <Button variant="primary" onClick={finish}>
                {t("start")}
              </Button>
            }
          />
        </div>
      )}
      {pair ? (
        <footer className="shrink-0 border-t border-line bg-canvas px-2 pt-0.5 pb-[max(6px,env(safe-area-inset-bottom))] md:px-3">
          {practice.answerError ? <ErrorNote error={practice.answerError} onRetry={practice.retry} /> : null}
          {feedback ? (
            <PracticeFeedback
              {...feedback}
              last={feedback.done >= feedback.wanted}
              pending={practice.fetching}
              onGoOn={feedback.done >= feedback.wanted ? finish : practice.goOn}
            />
          ) : (
            <>
              <p
                role="status"
                className="flex min-h-10 items-center justify-center text-center text-[13px] leading-5 text-muted md:min-h-7"
              >
                {practice.hint ? <strong>{words(hintKey(practice.seen))}</strong> : t("lead")}
              </p>
              <VerdictButtons
                verdictSteps={state.rules.verdictSteps}
                onGive={(verdict) => act({ do: "verdict", verdict })}
              />
              {state.rules.allowBothBad ? (
                <div className="flex justify-center pt-1">
                  <PlainAction
                    label={words("bothBad")}
                    keyHint="b"
                    outlined
                    onClick={() => act({ do: "verdict", verdict: "bad" })}
                  />
                </div>
              ) : null}
            </>
          )}
        </footer>
      ) : null}
      <CompareDialogs
        panel={panel}
        projectId={project.id}
        guidelines={state.guidelines}
        disclosure={project.disclosure}
        rules={state.rules}
        waiting={0}
        onClose={() => setPanel(null)}
      />
    </div>
  );
}

const hintKey = ({ left, right }: { left: boolean; right: boolean }) =>
  !left && !right ? ("hint.both" as const) : left ? ("hint.right" as const) : ("hint.left" as const);
