"use client";
import { useTranslations } from "next-intl";
import type { Call } from "./openApi";

export interface CallWords {
  readonly summary: string;
  readonly description: string | null;
  parameter(name: string): string | null;
}

/**
 * What the document says of a call, in the reader's language. The catalogues hold the same sentences by operation
 * (tests/unit/app/apiPage.test.ts holds the English ones against the document); one that they lack stays English.
 */
export function useCallWords({ operationId, summary, description, parameters = [] }: Call): CallWords {
  const t = useTranslations("api.calls");
  const say = (key: string, other: string | undefined): string | null => {
    const path = `${operationId}.${key}` as "getProject.summary";
    return t.has(path) ? t(path) : (other ?? null);
  };
  return {
    summary: say("summary", summary) ?? summary,
    description: say("description", description),
    parameter: (name) => say(`parameters.${name}`, parameters.find((one) => one.name === name)?.description),
  };
}
