"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Select } from "@/app/_ui/Select";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Tabs } from "@/app/_ui/Tabs";
import { type DiffKind, diffKinds } from "@/server/domain/snapshotDiff";
import type { DiffPair, SnapshotRow } from "./datasetTypes";

const pageSize = 10;

interface Props {
  projectId: string;
  snapshot: SnapshotRow;
  /** The project's other snapshots, newest first. */
  others: readonly SnapshotRow[];
}

/** What this snapshot has that another has not, and the other way round. */
export function SnapshotDiff({ projectId, snapshot, others }: Props) {
  const t = useTranslations("datasets");
  const [chosen, setChosen] = useState<string | null>(null);
  const before = others.find(({ number }) => number < snapshot.number) ?? others[0];
  const from = chosen ?? before?.id;
  if (from === undefined) return null;
  return (
    <Card title={t("diff.title")} description={t("diff.lead")}>
      <Field label={t("diff.with")}>
        <Select
          value={from}
          onChange={setChosen}
          items={others.map(({ id, number, note }) => ({ value: id, label: t("number", { number }), hint: note }))}
          className="max-w-60"
        />
      </Field>
      <Differences key={from} projectId={projectId} fromId={from} toId={snapshot.id} />
    </Card>
  );
}

function Differences({ projectId, fromId, toId }: { projectId: string; fromId: string; toId: string }) {
  const t = useTranslations("datasets.diff");
  const trpc = useTRPC();
  const [kind, setKind] = useState<DiffKind>("added");
  const [offset, setOffset] = useState(0);
  const diff = useQuery(
    trpc.datasets.diff.queryOptions(
      { projectId, fromId, toId, kind, offset, limit: pageSize },
      { placeholderData: keepPreviousData },
    ),
  );
  if (diff.isError) return <ErrorNote error={diff.error} onRetry={() => diff.refetch()} className="mt-4" />;
  if (!diff.data) return <SkeletonRows rows={3} />;
  const { counts, pairs, nextOffset, sameRule } = diff.data;
  const changed = diffKinds.some((one) => counts[one] > 0);
  return (
    <div className="mt-4">
      <p role="status" className="text-muted">
        {changed ? t("same", { count: counts.same }) : t("nothing")} {sameRule ? null : t("otherRule")}
      </p>
      {changed ? (
        <div className="mt-3">
          <Tabs
            label={t("title")}
            value={kind}
            onChange={(next) => {
              setKind(next);
              setOffset(0);
            }}
            tabs={diffKinds.map((value) => ({ value, label: t(`kinds.${value}`, { count: counts[value] }) }))}
          />
          <p className="mt-3 text-[13px] text-muted">{t(`hints.${kind}`)}</p>
          <ul aria-busy={diff.isPlaceholderData} className="mt-2 divide-y divide-line border-y border-line">
            {pairs.map((pair) => (
              <Pair key={pair.id} projectId={projectId} pair={pair} />
            ))}
          </ul>
          {counts[kind] === 0 ? <p className="mt-2">{t("none")}</p> : null}
          {offset > 0 || nextOffset !== null ? (
            <div className="mt-3 flex gap-2">
              <Button disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - pageSize))}>
                {t("previous")}
              </Button>
              <Button disabled={nextOffset === null} onClick={() => nextOffset !== null && setOffset(nextOffset)}>
                {t("next")}
              </Button>
            </div>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

const textOf = (messages: DiffPair["chosen"]): string => messages.map(({ content }) => content).join("\n\n");

function Pair({ projectId, pair }: { projectId: string; pair: DiffPair }) {
  const t = useTranslations("datasets");
  const format = useFormatter();
  const state = (one: NonNullable<DiffPair["before"]>) =>
    t("diff.state", {
      probability: format.number(one.probability, { maximumFractionDigits: 2 }),
      strength: format.number(one.strength, { maximumFractionDigits: 1 }),
      split: t(`diff.splits.${one.split}`),
    });
  return (
    <li>
      <details>
        <summary className="flex min-h-11 items-center gap-3 py-2">
          <span className="min-w-0 flex-1 truncate">{textOf(pair.prompt)}</span>
        </summary>
        <div className="pb-4">
          <dl className="grid gap-x-4 gap-y-2 sm:grid-cols-2">
            {(["chosen", "rejected"] as const).map((side) => (
              <div key={side} className="min-w-0">
                <dt className="text-[13px] text-muted">{t(`rows.${side}`)}</dt>
                <dd className="line-clamp-6 break-words whitespace-pre-wrap">{textOf(pair[side])}</dd>
              </div>
            ))}
          </dl>
          <p className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-[13px] text-muted">
            <span>
              {pair.before && pair.after
                ? `${state(pair.before)} → ${state(pair.after)}`
                : state((pair.after ?? pair.before) as NonNullable<DiffPair["before"]>)}
            </span>
            <Link
              href={`/projects/${projectId}/items/${pair.id}`}
              className="inline-flex items-center text-accent underline underline-offset-2 pointer-coarse:min-h-11"
            >
              {t("rows.item")}
            </Link>
          </p>
        </div>
      </details>
    </li>
  );
}
