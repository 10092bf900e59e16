"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import { ClipboardCheck } from "lucide-react";
import { useFormatter, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Skeleton } from "@/app/_ui/Skeleton";
import type { AppRouter } from "@/server/trpc/appRouter";
import { useFigures } from "./useFigures";

type Request = inferRouterInputs<AppRouter>["runs"]["requestPreflight"];
type Preflight = NonNullable<inferRouterOutputs<AppRouter>["runs"]["preflight"]["result"]>;

/** What the run would do, found out by the worker on request: pairs, tokens, memory, engine and time. */
export function PreflightCard({ request, disabled }: { request: Request; disabled: boolean }) {
  const t = useTranslations("runs.preflight");
  const trpc = useTRPC();
  const ask = useMutation(trpc.runs.requestPreflight.mutationOptions());
  const preflightId = ask.data?.preflightId;
  const look = useQuery(
    trpc.runs.preflight.queryOptions(
      { projectId: request.projectId, preflightId: preflightId ?? "" },
      {
        enabled: preflightId !== undefined,
        refetchInterval: ({ state }) =>
          state.data && state.data.state !== "queued" && state.data.state !== "running" ? false : 500,
      },
    ),
  );
  const outdated = JSON.stringify(ask.variables) !== JSON.stringify(request);
  const { state, result = null, error = null } = look.data ?? {};
  const busy = ask.isPending || (preflightId !== undefined && (!state || state === "queued" || state === "running"));
  return (
    <section aria-label={t("title")} className="rounded-md border border-line bg-surface p-4" data-preflight={state}>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div>
          <h2 className="font-medium">{t("title")}</h2>
          <p className="max-w-[72ch] text-[13px] text-muted">{t("text")}</p>
        </div>
        <Button
          pending={busy}
          disabled={disabled}
          icon={<ClipboardCheck aria-hidden className="size-4" />}
          onClick={() => ask.mutate(request)}
        >
          {busy ? t("looking") : t("look")}
        </Button>
      </div>
      {ask.error ? <ErrorNote error={ask.error} className="mt-3" /> : null}
      {busy ? <Skeleton className="mt-4 h-20" /> : null}
      {error ? (
        <p role="alert" className="mt-3 max-w-[72ch] break-words text-danger">
          {error}
        </p>
      ) : null}
      {result && !busy ? (
        <>
          {outdated ? <p className="mt-3 text-warn">{t("outdated")}</p> : null}
          <PreflightFigures preflight={result} />
        </>
      ) : null}
    </section>
  );
}

function PreflightFigures({ preflight }: { preflight: Preflight }) {
  const t = useTranslations("runs.preflight");
  const format = useFormatter();
  const { duration, bytes } = useFigures();
  const { train, test, totalSteps, tokensPerEpoch, stepSeconds, residentBytes, stateBytes } = preflight;
  return (
    <dl className="mt-4 grid gap-x-8 gap-y-3 sm:grid-cols-2">
      <Row label={t("train")}>
        {t("used", { used: train.used })}
        <Dropped reasons={train.dropped} />
      </Row>
      <Row label={t("heldOut")}>
        {t("used", { used: test.used })}
        <Dropped reasons={test.dropped} />
      </Row>
      <Row label={t("tokens")}>{t("perEpoch", { tokens: format.number(tokensPerEpoch) })}</Row>
      <Row label={t("time")}>{t("timeText", { duration: duration(stepSeconds), steps: totalSteps })}</Row>
      <Row label={t("memory")}>{t("memoryText", { resident: bytes(residentBytes), weights: bytes(stateBytes) })}</Row>
      <Row label={t("engine")}>
        {preflight.provider}
        <span className="block text-[13px] font-normal text-muted">{preflight.providerReason}</span>
      </Row>
    </dl>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-[13px] text-muted">{label}</dt>
      <dd className="tabular break-words font-medium">{children}</dd>
    </div>
  );
}

function Dropped({ reasons }: { reasons: Readonly<Record<string, number>> }) {
  const t = useTranslations("runs.preflight");
  const entries = Object.entries(reasons);
  return (
    <ul className="text-[13px] font-normal text-muted">
      {entries.length === 0 ? <li>{t("noneDropped")}</li> : null}
      {entries.map(([reason, count]) => (
        <li key={reason}>
          {t.has(`dropped.${reason}` as "dropped.same_answers")
            ? t(`dropped.${reason}` as "dropped.same_answers", { count })
            : t("dropped.other", { count, reason })}
        </li>
      ))}
    </ul>
  );
}
