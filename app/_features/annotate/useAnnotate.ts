"use client";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTRPCClient } from "@/app/_trpc/client";
import { annotateCalls } from "./annotateCalls";
import type { AnnotateState, Start } from "./annotateState";
import { openAnnotateStorage } from "./annotateStorage";
import { type Annotator, createAnnotator } from "./annotator";

interface Options extends Pick<Start, "rules" | "today" | "guidelines" | "guidelinesRead"> {
  readonly projectId: string;
  readonly userId: string;
  readonly onNotKept: () => void;
}

const activeEveryMs = 5_000;
const reloadSoonMs = 3_000;
const backSoonMs = 500;
/** Leaving and coming back at once (a development build mounts twice) keeps the pairs: how to call the leaving off. */
const leaving = new Map<string, () => void>();

/** Storage may be switched off altogether; then reading the property throws. */
function storeOf(name: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return window[name];
  } catch {
    return null;
  }
}

/** What this browser has to keep things in. */
const thisBrowser = () => ({
  local: storeOf("localStorage"),
  session: storeOf("sessionStorage"),
  // Not on pages that come over plain http from another machine.
  locks: navigator.locks ?? null,
});

/** Tells the machine what happens to the window. Returns the way to stop. */
function watchWindow(annotator: Annotator): () => void {
  let activeAt = 0;
  let reloadingAt = 0;
  const stop = new AbortController();
  const { signal } = stop;
  const active = () => {
    if (Date.now() - activeAt < activeEveryMs) return;
    activeAt = Date.now();
    annotator.tell({ type: "active" });
  };
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"] as const) {
    window.addEventListener(kind, active, { signal, passive: true, capture: true });
  }
  window.addEventListener("online", () => annotator.tell({ type: "network", online: true }), { signal });
  window.addEventListener("offline", () => annotator.tell({ type: "network", online: false }), { signal });
  document.addEventListener(
    "visibilitychange",
    () => {
      if (document.visibilityState === "visible") active();
      annotator.tell({ type: "visibility", visible: document.visibilityState === "visible" });
    },
    { signal },
  );
  // A reload keeps its leases, as far as it can be told from going away.
  window.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "F5" || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "r"))
        reloadingAt = Date.now();
    },
    { signal, capture: true },
  );
  window.addEventListener("pagehide", () => Date.now() - reloadingAt < reloadSoonMs || annotator.leave(), { signal });
  window.addEventListener("pageshow", (event) => event.persisted && annotator.tell({ type: "returned" }), { signal });
  if (!navigator.onLine) annotator.tell({ type: "network", online: false });
  if (document.visibilityState === "hidden") annotator.tell({ type: "visibility", visible: false });
  return () => stop.abort();
}

/** The one place where the annotator's machine meets React and the browser; null until it runs in one. */
export function useAnnotate({ projectId, userId, onNotKept, ...start }: Options): Annotator | null {
  const client = useTRPCClient();
  const [annotator, setAnnotator] = useState<Annotator | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a running page keeps the rules it was opened with
  useEffect(() => {
    const key = `${projectId}.${userId}`;
    leaving.get(key)?.();
    let stop: (() => void) | null = null;
    let gone = false;
    void openAnnotateStorage({ projectId, userId }, thisBrowser()).then((storage) => {
      if (gone) return storage.close();
      const running = createAnnotator({
        ...start,
        storage,
        calls: annotateCalls(client, projectId, userId),
        onNotKept,
      });
      const unwatch = watchWindow(running);
      stop = () => {
        unwatch();
        running.stop();
        const left = setTimeout(() => {
          running.leave();
          storage.close();
        }, backSoonMs);
        leaving.set(key, () => {
          clearTimeout(left);
          storage.close();
        });
      };
      setAnnotator(running);
      running.tell({ type: "tick" });
    });
    return () => {
      gone = true;
      stop?.();
    };
  }, [client, projectId, userId]);
  return annotator;
}

export const useAnnotateState = (annotator: Annotator): AnnotateState =>
  useSyncExternalStore(annotator.subscribe, annotator.getState, annotator.getState);
