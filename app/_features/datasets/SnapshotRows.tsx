"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { cx } from "@/app/_ui/cx";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Messages } from "@/app/_ui/Messages";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Tabs } from "@/app/_ui/Tabs";
import type { PreferenceExample } from "@/trainer/contracts/example";
import type { Message } from "@/trainer/contracts/message";
import type { SnapshotRow } from "./datasetTypes";
import { rowPage, rowsPerPage } from "./rowPages";

type Split = "train" | "test";

/** The pairs of a snapshot, a page at a time; part and page stand in the address. */
export function SnapshotRows({ projectId, snapshot }: { projectId: string; snapshot: SnapshotRow }) {
  const t = useTranslations("datasets.rows");
  const trpc = useTRPC();
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  const top = useRef<HTMLDivElement>(null);
  const split: Split = params.get("split") === "test" ? "test" : "train";
  const total = split === "test" ? snapshot.testPairs : snapshot.trainPairs;
  const { page, pages, offset, first, last } = rowPage(Number(params.get("page") ?? 1), total);
  const rows = useQuery(
    trpc.datasets.rows.queryOptions(
      { projectId, snapshotId: snapshot.id, split, offset, limit: rowsPerPage },
      { placeholderData: keepPreviousData, staleTime: Number.POSITIVE_INFINITY, enabled: total > 0 },
    ),
  );
  const go = (nextSplit: Split, nextPage: number) => {
    router.replace(`${path}?split=${nextSplit}&page=${nextPage}`, { scroll: false });
    if (nextSplit === split) top.current?.scrollIntoView({ block: "start" });
  };
  return (
    <div ref={top} className="scroll-mt-20">
      <Card flush title={t("title")}>
        <div className="px-4 sm:px-5">
          <Tabs
            label={t("tabs")}
            value={split}
            onChange={(next) => go(next, 1)}
            tabs={[
              { value: "train", label: t("train", { count: snapshot.trainPairs }) },
              { value: "test", label: t("test", { count: snapshot.testPairs }) },
            ]}
          />
        </div>
        {total === 0 ? (
          <p className="px-4 py-6 text-muted sm:px-5">{t("empty")}</p>
        ) : rows.isError && !rows.data ? (
          <ErrorNote error={rows.error} onRetry={() => rows.refetch()} className="m-4" />
        ) : !rows.data ? (
          <SkeletonRows rows={6} />
        ) : (
          <ol start={first} className={cx("divide-y divide-line", rows.isPlaceholderData && "opacity-60")}>
            {rows.data.rows.map((row, index) => (
              <li key={row.id}>
                <Pair projectId={projectId} row={row} open={index === 0} />
              </li>
            ))}
          </ol>
        )}
        {total > 0 ? (
          <nav
            aria-label={t("pages")}
            className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-3 sm:px-5"
          >
            <p role="status" className="tabular text-muted">
              {t("range", { first, last, total })}
            </p>
            <div className="flex gap-2">
              <Button
                size="sm"
                disabled={page <= 1}
                icon={<ChevronLeft aria-hidden className="size-4" />}
                onClick={() => go(split, page - 1)}
              >
                {t("previous")}
              </Button>
              <Button size="sm" disabled={page >= pages} onClick={() => go(split, page + 1)}>
                {t("next")}
                <ChevronRight aria-hidden className="size-4" />
              </Button>
            </div>
          </nav>
        ) : null}
      </Card>
    </div>
  );
}

/** A pair as a line, its prompt; opened, all of it. The first of a page is open, to show what there is. */
function Pair({ projectId, row, open }: { projectId: string; row: PreferenceExample; open: boolean }) {
  const t = useTranslations("datasets.rows");
  return (
    <details open={open} className="px-4 sm:px-5">
      <summary className="flex min-h-11 items-center gap-3 py-2">
        <span className="min-w-0 flex-1 truncate">{row.prompt.at(-1)?.content}</span>
        <span className="tabular shrink-0 text-[13px] text-muted" title={t("probabilityHint")}>
          {t("probability", { value: row.probability })}
        </span>
      </summary>
      <div className="pb-4">
        <Text title={t("prompt")} messages={row.prompt} />
        <div className="mt-3 grid gap-3 md:grid-cols-2">
          <Text title={t("chosen")} messages={row.chosen} />
          <Text title={t("rejected")} messages={row.rejected} />
        </div>
        <p className="tabular mt-2 flex flex-wrap gap-x-4 gap-y-1 text-[13px] text-muted">
          <span title={t("strengthHint")}>{t("strength", { value: row.strength })}</span>
          <Link
            href={`/projects/${projectId}/items/${row.id}`}
            className="inline-flex items-center text-accent underline underline-offset-2 pointer-coarse:min-h-11"
          >
            {t("item")}
          </Link>
        </p>
      </div>
    </details>
  );
}

function Text({ title, messages }: { title: string; messages: readonly Message[] }) {
  return (
    <section className="min-w-0 rounded-md border border-line">
      <h3 className="border-b border-line px-3 py-1.5 text-[13px] font-medium">{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section aria-label={title} tabIndex={0} className="max-h-56 overflow-y-auto px-3 py-2">
        <Messages messages={messages} />
      </section>
    </section>
  );
}
