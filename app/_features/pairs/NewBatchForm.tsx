"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Layers } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, useMemo, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { mostPairsPerPrompt } from "@/server/domain/pairLimits";
import type { ModelRow } from "../models/modelTypes";
import { defaultChoice } from "../playground/defaultChoice";
import { ModelColumns } from "../playground/ModelColumns";
import { SamplingFields } from "../playground/SamplingFields";
import { parseSampling, usualSampling } from "../playground/samplingForm";
import { PromptListField } from "./PromptListField";
import { promptList } from "./promptList";

interface Props {
  projectId: string;
  models: readonly ModelRow[];
}

/** Asks for pairs: prompts, models, how many and how. */
export function NewBatchForm({ projectId, models }: Props) {
  const t = useTranslations("pairs");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const list = useMemo(() => promptList(text), [text]);
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const [perPrompt, setPerPrompt] = useState("1");
  const [typed, setTyped] = useState(usualSampling);
  const [tried, setTried] = useState(false);
  const usual = defaultChoice(models, null, null);
  const answering = chosen ?? [usual.first, usual.second].filter((id) => id !== null);
  const create = useMutation(
    trpc.pairs.create.mutationOptions({
      onSuccess: () => {
        setText("");
        setTried(false);
        return queries.invalidateQueries(trpc.pairs.list.queryFilter({ projectId }));
      },
    }),
  );
  const count = Number(perPrompt);
  const countWrong = !(Number.isInteger(count) && count >= 1 && count <= mostPairsPerPrompt);

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    const parsed = parseSampling(typed);
    if (list.objection !== null || countWrong || "wrong" in parsed || answering.length === 0) return;
    const prompts = list.prompts.map((prompt) => [...prompt]);
    create.mutate({ projectId, prompts, modelIds: [...answering], perPrompt: count, sampling: parsed.sampling });
  }

  return (
    <Card title={t("newTitle")} description={t("newLead")}>
      <form onSubmit={submit} className="grid grid-cols-[minmax(0,1fr)] gap-4" noValidate>
        <PromptListField text={text} list={list} onChange={setText} tried={tried} />
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          <ModelColumns policies={models.filter((m) => m.kind === "policy")} chosen={answering} onChange={setChosen} />
          <Field
            label={t("perPrompt")}
            hint={t("perPromptHelp")}
            error={countWrong ? t("perPromptWrong", { most: mostPairsPerPrompt }) : undefined}
          >
            <Input
              inputMode="numeric"
              autoComplete="off"
              value={perPrompt}
              onChange={(event) => setPerPrompt(event.target.value)}
            />
          </Field>
        </div>
        <p className="text-muted">{t(answering.length === 1 ? "oneModel" : "manyModels")}</p>
        <SamplingFields text={typed} onChange={setTyped} />
        {create.isError ? <ErrorNote error={create.error} /> : null}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Button
            type="submit"
            variant="primary"
            pending={create.isPending}
            icon={<Layers aria-hidden className="size-4" />}
          >
            {t("generate")}
          </Button>
          {list.prompts.length > 0 && !countWrong ? (
            <p className="text-muted">{t("atMost", { pairs: list.prompts.length * count })}</p>
          ) : null}
        </div>
      </form>
    </Card>
  );
}
