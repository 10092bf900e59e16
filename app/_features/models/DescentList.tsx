"use client";
import { useTranslations } from "next-intl";

interface Props {
  models: number;
  runs: number;
  pairs: number;
  /** The sentence above the list. */
  children: string;
}

/** What comes from a model that is about to go; nothing where nothing does. */
export function DescentList({ children, ...counts }: Props) {
  const t = useTranslations("runs.remove");
  const kinds = (["models", "runs", "pairs"] as const).filter((kind) => counts[kind] > 0);
  if (kinds.length === 0) return null;
  return (
    <>
      <p className="mt-3">{children}</p>
      <ul className="mt-1 list-disc ps-5">
        {kinds.map((kind) => (
          <li key={kind}>{t(kind, { count: counts[kind] })}</li>
        ))}
      </ul>
    </>
  );
}
