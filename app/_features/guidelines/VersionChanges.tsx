"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import type { Guidelines, ReferencePair } from "@/server/domain/reference";
import { verdictWord } from "../annotate/verdicts";
import { changedText, plainText } from "./changedText";

interface Props {
  projectId: string;
  /** The version to compare with. */
  since: number;
  after: Guidelines;
}

/** What is new since an earlier version, word by word: removed words struck through, added ones underlined. */
export function VersionChanges({ projectId, since, after }: Props) {
  const trpc = useTRPC();
  const before = useQuery(trpc.guidelines.version.queryOptions({ projectId, version: since }));
  if (before.isPending) return <SkeletonRows rows={4} />;
  if (before.isError) return <ErrorNote error={before.error} onRetry={() => void before.refetch()} />;
  return <Changes before={before.data} after={after} />;
}

function Changes({ before, after }: { before: Guidelines; after: Guidelines }) {
  const t = useTranslations("guidelines");
  const words = useTranslations("annotate.words");
  const parts = useMemo(() => {
    const name = (pair: ReferencePair, at: number) => ({
      title: t("example.number", { number: at + 1 }),
      verdict: t("example.right", { verdict: words(verdictWord(pair.bothBad ? "bad" : (pair.verdict ?? 0))) }),
    });
    return changedText(plainText(before, name), plainText(after, name));
  }, [before, after, t, words]);
  if (!parts) return <p className="text-muted">{t("changes.tooMany")}</p>;
  if (parts.every((part) => part === null || part.kind === "same"))
    return <p className="text-muted">{t("changes.none")}</p>;
  return (
    <div className="prose">
      <p className="text-[13px] leading-5 text-muted">{t("changes.legend", { version: before.version })}</p>
      <p dir="auto" className="whitespace-pre-wrap!">
        {parts.map((part, at) => {
          if (part === null) {
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: stretches of a text that does not change
              <span key={at} className="block py-1 text-muted">
                {t("changes.leftOut")}
              </span>
            );
          }
          if (part.kind === "same") return part.text;
          const Mark = part.kind === "added" ? "ins" : "del";
          return (
            <Mark
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              key={at}
              className={part.kind === "added" ? "differs" : "text-muted line-through decoration-1"}
            >
              {part.text}
            </Mark>
          );
        })}
      </p>
    </div>
  );
}
