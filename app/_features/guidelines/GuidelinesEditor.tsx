"use client";
import { Plus, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { Field } from "@/app/_ui/Field";
import { IconButton } from "@/app/_ui/IconButton";
import { Tabs } from "@/app/_ui/Tabs";
import { Textarea } from "@/app/_ui/Textarea";
import { type Guidelines, longestGuidelines, mostExamples } from "@/server/domain/reference";
import { useUnsavedWarning } from "../settings/useUnsavedWarning";
import { GuidelinesText } from "./GuidelinesText";
import { PublishDialog } from "./PublishDialog";
import { draftOfPair, emptyPair, type PairDraft, pairOfDraft, problemsOfPair } from "./pairDraft";
import { ReferencePairFields } from "./ReferencePairFields";

interface Props {
  projectId: string;
  rules: { readonly verdictSteps: number; readonly allowBothBad: boolean };
  published: Guidelines | null;
}

/** The text and its worked examples, as written and as people will read them. Nothing changes before it is published. */
export function GuidelinesEditor({ projectId, rules, published }: Props) {
  const t = useTranslations("guidelines");
  const [view, setView] = useState<"edit" | "preview">("edit");
  const [text, setText] = useState(published?.text ?? "");
  const [examples, setExamples] = useState<readonly PairDraft[]>(() => (published?.examples ?? []).map(draftOfPair));
  const [checked, setChecked] = useState(false);
  const [publishing, setPublishing] = useState(false);
  const pairs = examples.map(pairOfDraft);
  const dirty = text !== (published?.text ?? "") || JSON.stringify(pairs) !== JSON.stringify(published?.examples ?? []);
  useUnsavedWarning(dirty);
  const broken = examples.filter((draft) => problemsOfPair(draft).length > 0).length;
  const replace = (draft: PairDraft) =>
    setExamples((now) => now.map((other) => (other.key === draft.key ? draft : other)));
  const publish = () => {
    if (broken === 0) setPublishing(true);
    else {
      setChecked(true);
      setView("edit");
    }
  };
  const discard = () => {
    setText(published?.text ?? "");
    setExamples((published?.examples ?? []).map(draftOfPair));
    setChecked(false);
  };
  const edit = (
    <div className="flex flex-col gap-6">
      <Field label={t("write.label")} hint={t("write.hint")}>
        <Textarea
          rows={14}
          maxLength={longestGuidelines}
          placeholder={t("write.placeholder")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="font-mono text-[13px]"
        />
      </Field>
      <section className="flex flex-col gap-3">
        <div>
          <h3 className="font-medium">{t("write.examples")}</h3>
          <p className="max-w-[72ch] text-[13px] text-muted">{t("write.examplesHint")}</p>
        </div>
        {examples.map((draft, at) => (
          <fieldset key={draft.key} className="rounded-md border border-line p-4">
            <legend className="sr-only">{t("example.number", { number: at + 1 })}</legend>
            <div className="mb-2 flex items-center justify-between gap-2">
              <p aria-hidden className="font-medium">
                {t("example.number", { number: at + 1 })}
              </p>
              <IconButton
                label={t("write.removeExample", { number: at + 1 })}
                icon={<Trash2 aria-hidden className="size-4" />}
                onClick={() => setExamples((now) => now.filter(({ key }) => key !== draft.key))}
              />
            </div>
            <ReferencePairFields
              draft={draft}
              rules={rules}
              problems={checked ? problemsOfPair(draft) : []}
              onChange={replace}
            />
          </fieldset>
        ))}
        {examples.length < mostExamples ? (
          <Button
            className="self-start"
            icon={<Plus aria-hidden className="size-4" />}
            onClick={() => setExamples((now) => [...now, emptyPair()])}
          >
            {t("write.addExample")}
          </Button>
        ) : null}
      </section>
    </div>
  );
  const preview = (
    <div className="min-h-80 rounded-md border border-line bg-canvas p-4">
      <div className="mx-auto max-w-3xl">
        <GuidelinesText
          guidelines={{ text, examples: pairs.filter((_, i) => problemsOfPair(examples[i] as PairDraft).length === 0) }}
        />
      </div>
    </div>
  );
  return (
    <div className="flex flex-col gap-4">
      <Card title={t("write.title")} description={t("write.lead")}>
        <Tabs
          label={t("write.title")}
          value={view}
          onChange={setView}
          tabs={[
            { value: "edit", label: t("write.edit"), content: edit },
            { value: "preview", label: t("write.preview"), content: preview },
          ]}
        />
      </Card>
      <div className="sticky bottom-0 -mx-4 flex flex-wrap items-center justify-end gap-3 border-t border-line bg-canvas px-4 py-3 sm:-mx-8 sm:px-8">
        <p role="status" className="mr-auto text-[13px] text-muted">
          {checked && broken > 0
            ? t("write.broken", { count: broken })
            : dirty
              ? t("write.unpublished")
              : published
                ? t("write.inForce", { version: published.version })
                : t("write.nothing")}
        </p>
        <Button disabled={!dirty} onClick={discard}>
          {t("write.discard")}
        </Button>
        <Button variant="primary" disabled={!dirty} onClick={publish}>
          {t("write.publish", { version: (published?.version ?? 0) + 1 })}
        </Button>
      </div>
      <PublishDialog
        open={publishing}
        onClose={() => setPublishing(false)}
        publication={{ projectId, text, examples: pairs, base: published?.version ?? 0 }}
      />
    </div>
  );
}
