"use client";
import { skipToken, useMutation } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useReducer, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import type { GenerationEvent } from "@/db/schema/runs";
import { emptyGeneration, foldGeneration, type GenerationView } from "./generationEvents";
import type { SamplingChoice } from "./samplingForm";

export interface Question {
  readonly prompt: string;
  readonly modelIds: readonly string[];
  readonly rewardModelId: string | null;
  readonly sampling: SamplingChoice;
}

interface Told {
  readonly generationId: string;
  readonly seq: number;
  readonly event: GenerationEvent;
}

interface Current {
  readonly generationId: string | null;
  readonly view: GenerationView;
}

/** Late events of a question that was replaced by another are passed over. */
function reduce(current: Current, told: Told | { readonly asked: string }): Current {
  if ("asked" in told) return { generationId: told.asked, view: emptyGeneration };
  if (told.generationId !== current.generationId) return current;
  return { ...current, view: foldGeneration(current.view, told.seq, told.event) };
}

/** Asks, follows the answers as they are written, stops. */
export function useGeneration(projectId: string) {
  const trpc = useTRPC();
  const [{ generationId, view }, tell] = useReducer(reduce, { generationId: null, view: emptyGeneration });
  const [question, setQuestion] = useState<Question | null>(null);
  const [stopped, setStopped] = useState(false);
  const start = useMutation(
    trpc.playground.start.mutationOptions({
      onSuccess: (started) => {
        setStopped(false);
        tell({ asked: started.generationId });
      },
    }),
  );
  const cancel = useMutation(trpc.playground.cancel.mutationOptions({ onSuccess: () => setStopped(true) }));
  const { status, error, reset } = useSubscription(
    trpc.playground.events.subscriptionOptions(generationId === null ? skipToken : { projectId, generationId }, {
      onData: ({ id, data }) => {
        if (generationId !== null) tell({ generationId, seq: Number(id), event: data });
      },
    }),
  );
  return {
    /** The question that is being answered or was answered last. */
    question: generationId === null ? null : question,
    generationId,
    view,
    asking: start.isPending,
    running: generationId !== null && !view.done && !stopped,
    stopped: stopped && !view.done,
    error: start.error ?? cancel.error ?? (status === "error" ? error : null),
    reconnect: status === "error" ? reset : undefined,
    ask(next: Question) {
      cancel.reset();
      start.mutate({ projectId, ...next, modelIds: [...next.modelIds] }, { onSuccess: () => setQuestion(next) });
    },
    stop() {
      if (generationId !== null) cancel.mutate({ projectId, generationId });
    },
  };
}
