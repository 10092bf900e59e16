"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { Skeleton } from "@/app/_ui/Skeleton";
import { repoSchema } from "@/server/domain/models/hub";
import { ChoiceCards } from "../runs/ChoiceCards";
import { useFigures } from "../runs/useFigures";

interface Asked {
  readonly repo: string;
  readonly revision: string;
}

/** Looks a model up at the hub, shows what it holds, and has the server fetch it. */
export function AddFromHub({ projectId }: { projectId: string }) {
  const t = useTranslations("models.add.hub");
  const trpc = useTRPC();
  const [repo, setRepo] = useState("");
  const [revision, setRevision] = useState("main");
  const [bad, setBad] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const look = useQuery(
    trpc.models.hubLook.queryOptions(
      { projectId, ...(asked ?? { repo: "none", revision: "main" }) },
      { enabled: asked !== null, staleTime: 0, gcTime: 0, retry: false },
    ),
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    const parsed = repoSchema.safeParse(repo);
    setBad(!parsed.success);
    if (!parsed.success) return;
    const next = { repo: parsed.data, revision: revision.trim() || "main" };
    if (next.repo === asked?.repo && next.revision === asked.revision) void look.refetch();
    else setAsked(next);
  }
  return (
    <div className="grid gap-4">
      <p className="text-[13px] text-muted">{t("lead")}</p>
      <form onSubmit={submit} className="grid items-start gap-3 sm:grid-cols-[1fr_9rem_auto]" noValidate>
        <Field label={t("repo")} hint={t("repoHint")} error={bad ? t("repoBad") : null}>
          <Input
            value={repo}
            maxLength={300}
            spellCheck={false}
            autoCapitalize="off"
            onChange={(event) => setRepo(event.target.value)}
          />
        </Field>
        <Field label={t("revision")} hint={t("revisionHint")}>
          <Input
            value={revision}
            maxLength={100}
            spellCheck={false}
            autoCapitalize="off"
            onChange={(event) => setRevision(event.target.value)}
          />
        </Field>
        <Button type="submit" pending={look.isFetching} disabled={repo.trim() === ""} className="sm:mt-[26px]">
          {t("look")}
        </Button>
      </form>
      {asked === null ? null : look.isFetching ? (
        <Skeleton className="h-24" />
      ) : look.isError ? (
        <ErrorNote error={look.error} onRetry={() => look.refetch()} />
      ) : look.data ? (
        <Found key={look.data.commit} projectId={projectId} asked={asked} found={look.data} />
      ) : null}
    </div>
  );
}

interface HubLook {
  readonly licence: string | null;
  readonly choices: readonly { readonly id: string; readonly bytes: number; readonly files: readonly object[] }[];
}

function Found({ projectId, asked, found }: { projectId: string; asked: Asked; found: HubLook }) {
  const t = useTranslations("models.add.hub");
  const { bytes } = useFigures();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { licence, choices } = found;
  const [chosen, setChosen] = useState(choices[0]?.id ?? "");
  const add = useMutation(
    trpc.models.addFromHub.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.models.incoming.queryKey() }),
    }),
  );
  const choice = choices.find(({ id }) => id === chosen);
  if (!choice) return <p role="status">{t("none")}</p>;
  return (
    <div className="grid gap-3">
      <p role="status">{licence ? t("licence", { licence }) : t("noLicence")}</p>
      <ChoiceCards
        label={t("choose")}
        value={chosen}
        onChange={setChosen}
        choices={choices.map(({ id, files, ...one }) => ({
          value: id,
          title: <span className="break-all">{id === "folder" ? t("folder") : id}</span>,
          children: (
            <span className="tabular text-[13px] text-muted">
              {id === "folder"
                ? t("files", { count: files.length, size: bytes(one.bytes) })
                : t("file", { size: bytes(one.bytes) })}
            </span>
          ),
        }))}
      />
      {add.error ? <ErrorNote error={add.error} /> : null}
      <div>
        <Button
          variant="primary"
          pending={add.isPending}
          onClick={() => add.mutate({ projectId, ...asked, choice: chosen })}
        >
          {t("fetch", { size: bytes(choice.bytes) })}
        </Button>
      </div>
    </div>
  );
}
