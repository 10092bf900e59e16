"use client";
import { useEffect, useState } from "react";
import { type AnnotateState, type Connection, connectionOf } from "./annotateState";

/** A vote is normally stored in a few milliseconds: only one that takes longer, or several, is worth showing on its way. */
const slowMs = 400;

export function useShownConnection(state: AnnotateState): Connection {
  const connection = connectionOf(state);
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (connection !== "saving") return;
    const timer = setTimeout(() => setSlow(true), slowMs);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [connection]);
  return connection === "saving" && !slow && state.outbox.length < 2 ? "online" : connection;
}
