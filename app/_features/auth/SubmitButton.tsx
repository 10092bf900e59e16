"use client";
import { type ReactNode, useSyncExternalStore } from "react";
import { Button } from "@/app/_ui/Button";

const never = () => () => {};

/** Sends a form that stands on the page from the start: not before the script runs, or the browser would send it, and lose it. */
export function SubmitButton({ pending, children }: { pending: boolean; children: ReactNode }) {
  const scripted = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <Button type="submit" variant="primary" disabled={!scripted} pending={pending}>
      {children}
    </Button>
  );
}
