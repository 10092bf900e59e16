"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Select } from "@/app/_ui/Select";
import { atLeast } from "@/server/domain/roles";

interface NamedModel {
  readonly id: string;
  readonly name: string;
}

interface Props {
  projectId: string;
  generationId: string;
  /** Models whose answers are finished: two at least. */
  answered: readonly NamedModel[];
}

/** Makes an item of two answers, for people to compare. */
export function SendPair({ projectId, generationId, answered }: Props) {
  const t = useTranslations("playground.send");
  const trpc = useTRPC();
  const projects = useQuery(trpc.projects.list.queryOptions());
  const [pair, setPair] = useState<readonly [string, string]>([answered[0]?.id ?? "", answered[1]?.id ?? ""]);
  const [target, setTarget] = useState(projectId);
  const send = useMutation(trpc.playground.sendPair.mutationOptions());
  const own = (projects.data?.projects ?? []).filter(({ role }) => atLeast(role, "admin"));
  const models = answered.map(({ id, name }) => ({ value: id, label: name }));
  const change = (next: readonly [string, string]) => {
    setPair(next);
    send.reset();
  };
  const sentTo = own.find(({ id }) => id === send.data?.projectId)?.name ?? "";
  return (
    <Card title={t("title")} description={t("lead")}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <div className="grid items-end gap-4 sm:grid-cols-3 lg:grid-cols-[1fr_1fr_1fr_auto]">
          <Field label={t("first")}>
            <Select value={pair[0]} onChange={(id) => change([id, pair[1]])} items={models} />
          </Field>
          <Field label={t("second")}>
            <Select value={pair[1]} onChange={(id) => change([pair[0], id])} items={models} />
          </Field>
          <Field label={t("project")}>
            <Select
              value={target}
              onChange={(id) => {
                setTarget(id);
                send.reset();
              }}
              items={own.map(({ id, name }) => ({ value: id, label: name }))}
            />
          </Field>
          <div>
            <Button
              pending={send.isPending}
              disabled={pair[0] === pair[1]}
              onClick={() =>
                send.mutate({ projectId, generationId, modelIds: [pair[0], pair[1]], targetProjectId: target })
              }
            >
              {t("send")}
            </Button>
          </div>
        </div>
        {send.isError ? <ErrorNote error={send.error} /> : null}
        <p role="status" className="empty:hidden">
          {send.data
            ? t.rich(send.data.added ? "added" : "known", {
                project: sentTo,
                link: (chunks) => (
                  <Link
                    href={`/projects/${send.data.projectId}/items/${send.data.itemId}`}
                    className="font-medium text-accent underline underline-offset-2"
                  >
                    {chunks}
                  </Link>
                ),
              })
            : null}
        </p>
      </div>
    </Card>
  );
}
