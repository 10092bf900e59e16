"use client";
import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { readError } from "./appError";

/** Every argument that a sentence of messages/<locale>/errors.json may use; a missing one must not break the sentence. */
const noArguments = {
  reason: "",
  field: "",
  problem: "",
  what: "",
  host: "",
  repo: "",
  why: "",
  limitMb: 0,
  needed: "",
  line: 0,
  retryAfterSeconds: 0,
};

/** Turns whatever a call threw into a sentence that says what happened and what to do. */
export function useErrorText(): (error: unknown) => string {
  const t = useTranslations("errors");
  return useCallback(
    (error) => {
      const { code, details } = readError(error);
      const given = Object.fromEntries(
        Object.entries(details).map(([key, value]) => [key, typeof value === "number" ? value : String(value ?? "")]),
      );
      const minutes = Math.ceil(Number(details.retryAfterSeconds ?? 0) / 60);
      return t(code, { ...noArguments, ...given, minutes });
    },
    [t],
  );
}
