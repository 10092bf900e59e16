"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Rows3, SearchX, Upload } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { ItemFiltersBar } from "./ItemFiltersBar";
import { ItemsTable } from "./ItemsTable";
import { filtersQuery, type ItemFilters, readFilters } from "./itemFilters";

const rowsAtOnce = 50;

export function ItemsPage({ projectId }: { projectId: string }) {
  const t = useTranslations("items");
  const trpc = useTRPC();
  const router = useRouter();
  const path = usePathname();
  const filters = readFilters(useSearchParams());
  const setFilters = (next: ItemFilters) => router.replace(`${path}${filtersQuery(next)}`, { scroll: false });
  const list = useInfiniteQuery(
    trpc.items.list.infiniteQueryOptions(
      { projectId, state: filters.state, search: filters.search, limit: rowsAtOnce },
      { getNextPageParam: (page) => page.nextCursor ?? undefined },
    ),
  );
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const total = list.data?.pages[0]?.total ?? 0;
  const filtered = filters.state !== "all" || filters.search !== "";
  const importHref = `/projects/${projectId}/import`;
  const importIcon = <Upload aria-hidden className="size-4" />;
  const empty = list.isSuccess && items.length === 0;

  return (
    <Page wide>
      <PageHeader
        title={t("title")}
        description={t("lead")}
        actions={
          empty && !filtered ? null : (
            <ButtonLink href={importHref} icon={importIcon}>
              {t("import")}
            </ButtonLink>
          )
        }
      />
      {empty && !filtered ? (
        <EmptyState
          icon={<Rows3 />}
          title={t("empty.title")}
          action={
            <ButtonLink href={importHref} variant="primary" icon={importIcon}>
              {t("empty.action")}
            </ButtonLink>
          }
        >
          {t("empty.body")}
        </EmptyState>
      ) : (
        <>
          <ItemFiltersBar filters={filters} onChange={setFilters} />
          {list.isError && items.length === 0 ? (
            <ErrorNote error={list.error} onRetry={() => list.refetch()} />
          ) : empty ? (
            <EmptyState
              icon={<SearchX />}
              title={t("nothingFound.title")}
              action={
                <Button onClick={() => setFilters({ state: "all", search: "" })}>{t("nothingFound.action")}</Button>
              }
            >
              {t("nothingFound.body")}
            </EmptyState>
          ) : (
            <Card flush>
              {list.isPending ? <SkeletonRows rows={8} /> : <ItemsTable projectId={projectId} items={items} />}
            </Card>
          )}
          {items.length > 0 ? (
            <footer className="mt-4 flex flex-wrap items-center justify-between gap-3">
              <p role="status" className="tabular text-muted">
                {t("shown", { shown: items.length, total })}
              </p>
              {list.hasNextPage ? (
                <Button pending={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
                  {t("loadMore")}
                </Button>
              ) : null}
              {list.isFetchNextPageError ? (
                <ErrorNote error={list.error} onRetry={() => list.fetchNextPage()} className="w-full" />
              ) : null}
            </footer>
          ) : null}
        </>
      )}
    </Page>
  );
}
