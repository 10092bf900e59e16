"use client";
import type { ReactNode } from "react";
import { ShellMenuButton } from "@/app/_features/shell/ShellMenuButton";
import type { AnnotateState } from "./annotateState";
import { ConnectionBadge } from "./ConnectionBadge";
import { unsentVotes } from "./outbox";
import { useShownConnection } from "./useShownConnection";

interface Props {
  projectName: string;
  state: AnnotateState;
  /** What stands beside the name. */
  note?: ReactNode;
  children?: ReactNode;
}

/** The head of what comes before the pairs: the project, whether everything is saved, and at most a few buttons. */
export function PlainHeader({ projectName, state, note, children }: Props) {
  const connection = useShownConnection(state);
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-canvas pr-2 pl-1 lg:pl-4">
      <ShellMenuButton />
      <h1 className="min-w-0 truncate font-medium">{projectName}</h1>
      {note ? <span className="tabular ml-2 shrink-0 text-[13px] text-muted">{note}</span> : null}
      <span className="ml-auto" />
      <ConnectionBadge shown={connection} waiting={Math.max(0, unsentVotes(state.outbox))} />
      {children}
    </header>
  );
}
