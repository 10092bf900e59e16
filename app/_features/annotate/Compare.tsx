"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Info } from "lucide-react";
import { useTranslations } from "next-intl";
import { useCallback, useDeferredValue, useEffect, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { HttpError } from "@/app/_ui/appError";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import type { Disclosure } from "@/server/domain/demo/disclosure";
import { type ProblemKind, problemKinds, type SkipReason, skipReasons } from "@/server/domain/judging";
import { mostWanted } from "@/server/domain/leases";
import { AskingPanel, choicesOf } from "./AskingPanel";
import { type AnnotateState, currentPair, type Phase, pairsAhead, type Side, votesToday } from "./annotateState";
import type { Annotator } from "./annotator";
import { CompareDialogs, type Panel } from "./CompareDialogs";
import { CompareHeader } from "./CompareHeader";
import { CriteriaSteps } from "./CriteriaSteps";
import type { KeyAction } from "./keys";
import { newId } from "./newId";
import { type Pair, unsentVotes } from "./outbox";
import { PairView } from "./PairView";
import { ReasonField } from "./ReasonField";
import { Rest } from "./Rest";
import { StatusLine } from "./StatusLine";
import { useCompareKeys } from "./useCompareKeys";
import { useReading } from "./useReading";
import { useShownConnection } from "./useShownConnection";
import { VerdictBar } from "./VerdictBar";

export interface CompareProject {
  readonly id: string;
  readonly name: string;
  readonly disclosure: Disclosure | null;
}

interface Props {
  project: CompareProject;
  annotator: Annotator;
  state: AnnotateState;
  phase: Exclude<Phase, "guidelines" | "practice">;
  /** The browser keeps nothing: unsent votes would not outlive the page. */
  notKept: boolean;
}

export function Compare({ project, annotator, state, phase, notKept }: Props) {
  const t = useTranslations("annotate");
  const demo = useTranslations("demo.disclosure");
  const [panel, setPanel] = useState<Panel | null>(null);
  const [note, setNote] = useState("");
  const [linked, setLinked] = useState(false);
  const reading = useReading(currentPair(state)?.assignmentId ?? null);
  const connection = useShownConnection(state);
  const { tell } = annotator;
  useFreshCounts(project.id);

  const act = (action: KeyAction) => {
    if (action.do === "close") {
      if (panel) setPanel(null);
      else if (reading.asking) reading.ask(null);
      else if (state.reason.open) tell({ type: "reasonClosed" });
      else if (state.toast) tell({ type: "toastClosed" });
    } else if (panel) return;
    else if (action.do === "verdict") tell({ type: "verdict", verdict: action.verdict, id: newId() });
    else if (action.do === "choose") choose(action.at);
    else if (action.do === "undo") tell({ type: "undo", id: newId() });
    else if (action.do === "skip") skipOrAsk();
    else if (action.do === "report") reading.ask("report");
    else if (action.do === "reason") tell({ type: state.reason.open ? "reasonClosed" : "reasonOpened" });
    else if (action.do === "link") setLinked(!linked);
    else if (action.do === "diff") reading.toggleDiff();
    else if (action.do === "prompt") reading.fold();
    else if (action.do === "stock") tell({ type: "stockWanted", pairs: takesAlong ? pairsAhead : mostWanted });
    else setPanel(action.do);
  };
  const skipFor = (reason: SkipReason | null) => {
    reading.ask(null);
    tell({ type: "skip", reason, id: newId() });
  };
  /** A second press skips without a reason. */
  const skipOrAsk = () => (reading.asking === "skip" ? skipFor(null) : currentPair(state) && reading.ask("skip"));
  const report = (problem: ProblemKind) => {
    reading.ask(null);
    tell({ type: "report", problem, note, id: newId() });
    setNote("");
  };
  const giveReason = (text: string) => {
    tell({ type: "reasonWritten", text });
    tell({ type: "reasonEntered", id: newId() });
  };
  const { reasonChoices, criteria } = state.rules;
  const fromList = state.reason.open && reasonChoices.length > 0;
  const choose = (at: number) => {
    if (reading.asking === "skip") skipFor(skipReasons[at] ?? null);
    else if (reading.asking === "report") report(problemKinds[at] ?? "other");
    else if (fromList) giveReason(reasonChoices[at] ?? "");
  };
  const choices = reading.asking ? choicesOf(reading.asking) : fromList ? reasonChoices.length : 0;
  useCompareKeys(state.rules, panel ? 0 : choices, act);
  const onSeen = useCallback((assignmentId: string, side: Side) => tell({ type: "seen", assignmentId, side }), [tell]);

  // The next pair is drawn ahead, hidden, once there is time: a verdict uncovers it without waiting for that.
  const [current, next] = state.pairs;
  const ahead = useDeferredValue(next);
  const drawn = [current, ahead !== current && state.pairs.includes(ahead as Pair) ? ahead : null];

  const waiting = Math.max(0, unsentVotes(state.outbox));
  const takesAlong = state.wanted > pairsAhead;
  return (
    <div className="fills-window flex h-dvh flex-col overflow-hidden" data-testid="compare" data-phase={phase}>
      <CompareHeader
        projectName={project.name}
        today={votesToday(state)}
        connection={connection}
        waiting={waiting}
        linked={linked}
        diff={reading.diff}
        stock={{ here: state.pairs.length, taken: takesAlong }}
        act={act}
      />
      {project.disclosure ? <Note text={demo(project.disclosure)} /> : null}
      {notKept && state.outbox.length > 0 ? <Note text={t("notKept")} /> : null}
      {state.problem ? <Stopped annotator={annotator} code={state.problem} waiting={waiting} /> : null}
      {phase === "judging" ? (
        drawn.map(
          (pair, place) =>
            pair && (
              <PairView
                key={`${pair.assignmentId} ${pair.leaseToken}`}
                pair={pair}
                active={place === 0}
                linked={linked}
                diff={place === 0 && reading.diff}
                promptOpen={place === 0 ? reading.promptOpen : null}
                onFold={reading.fold}
                leftSeen={place === 0 && state.seen.left}
                rightSeen={place === 0 && state.seen.right}
                hint={place === 0 && state.hint}
                onSeen={onSeen}
              />
            ),
        )
      ) : (
        <Rest phase={phase} checking={state.claiming} waiting={waiting} annotator={annotator} />
      )}
      <footer className="shrink-0 border-t border-line bg-canvas px-2 pt-0.5 pb-[max(6px,env(safe-area-inset-bottom))] md:px-3">
        <StatusLine state={state} connection={connection} />
        {phase === "judging" && reading.asking ? (
          <AskingPanel
            asking={reading.asking}
            note={note}
            onNote={setNote}
            onSkip={skipFor}
            onReport={report}
            onClose={() => reading.ask(null)}
          />
        ) : state.reason.open && phase === "judging" ? (
          <ReasonField
            text={state.reason.text}
            choices={reasonChoices}
            pending={state.reason.pending}
            onChoose={giveReason}
            onWrite={(text) => tell({ type: "reasonWritten", text })}
            onEnter={() => tell({ type: "reasonEntered", id: newId() })}
            onClose={() => tell({ type: "reasonClosed" })}
          />
        ) : null}
        {phase === "judging" && criteria.length > 0 ? (
          <CriteriaSteps criteria={criteria} given={state.given} onBack={(at) => tell({ type: "criterion", at })} />
        ) : null}
        <VerdictBar
          rules={state.rules}
          about={criteria[state.given.length]}
          ready={phase === "judging"}
          canUndo={phase !== "paused"}
          reasonOpen={state.reason.open}
          hasReason={state.reason.text.trim() !== ""}
          act={act}
        />
      </footer>
      <CompareDialogs
        panel={panel}
        projectId={project.id}
        guidelines={state.guidelines}
        disclosure={project.disclosure}
        rules={state.rules}
        waiting={waiting}
        onClose={() => setPanel(null)}
      />
    </div>
  );
}

/** Votes change what other pages count: they look again after this one. */
function useFreshCounts(projectId: string): void {
  const queries = useQueryClient();
  const trpc = useTRPC();
  useEffect(
    () => () => {
      void queries.invalidateQueries(trpc.projects.get.queryFilter({ projectId }));
      void queries.invalidateQueries(trpc.projects.list.queryFilter());
    },
    [queries, trpc, projectId],
  );
}

function Note({ text }: { text: string }) {
  return (
    <p className="flex shrink-0 items-start gap-2 border-b border-line bg-sunken px-4 py-1.5 text-[13px] text-muted">
      <Info aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="line-clamp-2">{text}</span>
    </p>
  );
}

function Stopped({ annotator, code, waiting }: { annotator: Annotator; code: string; waiting: number }) {
  const t = useTranslations("annotate");
  const signedOut = code === "not_signed_in";
  // Whoever signs in next may be someone else: the page begins anew, with that person's own outbox.
  const retry = () => (signedOut ? window.location.reload() : annotator.tell({ type: "recheck" }));
  return (
    <div className="flex shrink-0 flex-col gap-2 border-b border-line px-3 py-2">
      <ErrorNote error={new HttpError(code)} onRetry={retry} />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {waiting > 0 ? <p className="text-[13px] text-muted">{t("stoppedKept", { count: waiting })}</p> : null}
        {signedOut ? (
          <ButtonLink href="/sign-in" target="_blank" size="sm">
            {t("signInAgain")}
          </ButtonLink>
        ) : null}
      </div>
    </div>
  );
}
