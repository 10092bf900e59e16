"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Badge } from "@/app/_ui/Badge";
import { Button } from "@/app/_ui/Button";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import type { IncomingModels } from "./modelTypes";
import { Transfer } from "./Transfer";

/** The tone in which the state of something asked for is said. */
export const stateTones = {
  queued: "neutral",
  running: "accent",
  fetching: "accent",
  finished: "good",
  failed: "danger",
  cancelled: "neutral",
} as const;

type Addition = IncomingModels["additions"][number];

/** What became of the models that were asked for last. */
export function Additions({
  projectId,
  additions,
  workerOnline,
}: { projectId: string } & Pick<IncomingModels, "additions" | "workerOnline">) {
  const t = useTranslations("models.add");
  if (additions.length === 0) return null;
  return (
    <section className="grid gap-2 border-t border-line pt-4">
      <h3 className="font-semibold">{t("asked")}</h3>
      {workerOnline ? null : <p className="text-[13px] text-muted">{t("noWorker")}</p>}
      <ul className="grid gap-3">
        {additions.map((addition) => (
          <AdditionRow key={addition.id} projectId={projectId} addition={addition} />
        ))}
      </ul>
    </section>
  );
}

function AdditionRow({ projectId, addition }: { projectId: string; addition: Addition }) {
  const t = useTranslations("models.add");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const reload = () => queries.invalidateQueries({ queryKey: trpc.models.incoming.queryKey() });
  const cancel = useMutation(trpc.models.cancelAddition.mutationOptions({ onSuccess: reload }));
  const again = useMutation(trpc.models.repeatAddition.mutationOptions({ onSuccess: reload }));
  const { id, entry, source, state, stage, bytesDone, bytesTotal, error } = addition;
  const fetching = state === "running" && stage === "fetching";
  const shown = fetching ? "fetching" : state;
  // A model that is being read is read in one go.
  const stoppable = state === "queued" || fetching;
  const input = { projectId, additionId: id };
  return (
    <li className="grid gap-1.5">
      <div className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 break-words">{entry}</span>
        <span role="status">
          <Badge tone={stateTones[shown]}>{t(`state.${shown}`)}</Badge>
        </span>
        <span className="ms-auto flex gap-2">
          {state === "failed" ? (
            <Button
              size="sm"
              aria-label={t("againLabel", { name: entry })}
              pending={again.isPending}
              onClick={() => again.mutate(input)}
            >
              {t("again")}
            </Button>
          ) : null}
          {stoppable || state === "failed" ? (
            <Button
              size="sm"
              aria-label={t(stoppable ? "cancelLabel" : "dismissLabel", { name: entry })}
              pending={cancel.isPending}
              onClick={() => cancel.mutate(input)}
            >
              {t(stoppable ? "cancel" : "dismiss")}
            </Button>
          ) : null}
        </span>
      </div>
      {fetching && source === "hub" ? <Transfer name={entry} bytes={bytesDone} total={bytesTotal} /> : null}
      {error ? <p className="text-[13px] break-words text-muted">{error}</p> : null}
      {(cancel.error ?? again.error) ? <ErrorNote error={cancel.error ?? again.error} /> : null}
    </li>
  );
}
