"use client";
import { useEffect } from "react";
import type { RunView } from "../runEvents";
import { useRunEvents } from "../useRunEvents";

interface Props {
  projectId: string;
  runId: string;
  onView: (runId: string, view: RunView) => void;
}

/** Follows one of several runs, for a page that shows them together. Draws nothing. */
export function RunFollower({ projectId, runId, onView }: Props): null {
  const { view } = useRunEvents(projectId, runId);
  useEffect(() => onView(runId, view), [runId, view, onView]);
  return null;
}
