"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useEffect, useReducer, useRef } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { emptyRunView, foldEvents, type NumberedEvent, type RunView } from "./runEvents";

/** Curves need no more than some frames a second; events of a fast run come quicker. */
const drawEveryMs = 150;

/** Follows a run's events and keeps its view; tells the queries when the run has ended. */
export function useRunEvents(projectId: string, runId: string) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [view, fold] = useReducer<RunView, [readonly NumberedEvent[]]>(foldEvents, emptyRunView);
  const waiting = useRef<NumberedEvent[]>([]);
  const timer = useRef<number | null>(null);
  const { status, error, reset } = useSubscription(
    trpc.runs.events.subscriptionOptions(
      { projectId, runId },
      {
        onData: ({ id, data }) => {
          waiting.current.push({ seq: Number(id), event: data });
          timer.current ??= window.setTimeout(() => {
            timer.current = null;
            fold(waiting.current.splice(0));
          }, drawEveryMs);
        },
      },
    ),
  );
  useEffect(
    () => () => {
      if (timer.current !== null) window.clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );

  const ended = status === "idle";
  useEffect(() => {
    if (!ended) return;
    for (const queryKey of [trpc.runs.pathKey(), trpc.models.pathKey()]) queries.invalidateQueries({ queryKey });
  }, [ended, queries, trpc]);

  // Before the first events it is not known what the run has to show.
  const loading = view.lastSeq < 0 && status !== "error" && !(ended && waiting.current.length === 0);
  return { view, loading, error: status === "error" ? error : null, reconnect: reset };
}
