"use client";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { GuidelinesText } from "@/app/_features/guidelines/GuidelinesText";
import { VersionChanges } from "@/app/_features/guidelines/VersionChanges";
import { Button } from "@/app/_ui/Button";
import { Tabs } from "@/app/_ui/Tabs";
import type { Guidelines } from "@/server/domain/reference";
import type { AnnotateState } from "./annotateState";
import type { Annotator } from "./annotator";
import { newId } from "./newId";
import { PlainHeader } from "./PlainHeader";

interface Props {
  project: { readonly id: string; readonly name: string };
  annotator: Annotator;
  state: AnnotateState;
  guidelines: Guidelines;
}

/** Guidelines that this person has not read: they stand in the pairs' place until they say that they have. */
export function GuidelinesGate({ project, annotator, state, guidelines }: Props) {
  const t = useTranslations("guidelines");
  const [tab, setTab] = useState<"text" | "changes">("text");
  const heading = useRef<HTMLHeadingElement>(null);
  // Read aloud when it comes in the middle of work; the button is a way off, so that no key pressed for a pair presses it.
  useEffect(() => heading.current?.focus(), []);
  const since = state.guidelinesRead;
  const text = <GuidelinesText guidelines={guidelines} />;
  return (
    <div className="fills-window flex h-dvh flex-col overflow-hidden" data-testid="compare" data-phase="guidelines">
      <PlainHeader projectName={project.name} state={state} />
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an area that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t("title")}
        className="min-h-0 flex-1 overflow-y-auto px-4 py-6 -outline-offset-2 sm:px-8"
      >
        <div className="mx-auto flex max-w-3xl flex-col gap-4">
          <div>
            <h2 ref={heading} tabIndex={-1} className="text-xl leading-7 font-semibold outline-none">
              {t(since > 0 ? "gate.changed" : "gate.first")}
            </h2>
            <p className="mt-1 text-muted">{t(since > 0 ? "gate.changedLead" : "gate.firstLead")}</p>
          </div>
          {guidelines.change ? (
            <p className="rounded-md border border-line bg-sunken px-4 py-3" dir="auto">
              <span className="font-medium">{t("gate.new")}</span> {guidelines.change}
            </p>
          ) : null}
          {since > 0 ? (
            <Tabs
              label={t("title")}
              value={tab}
              onChange={setTab}
              tabs={[
                { value: "text", label: t("gate.text"), content: text },
                {
                  value: "changes",
                  label: t("gate.changes"),
                  content: <VersionChanges projectId={project.id} since={since} after={guidelines} />,
                },
              ]}
            />
          ) : (
            text
          )}
        </div>
      </section>
      <footer className="flex shrink-0 flex-wrap items-center justify-center gap-x-4 gap-y-2 border-t border-line bg-canvas px-4 pt-3 pb-[max(12px,env(safe-area-inset-bottom))]">
        <p className="text-[13px] text-muted max-sm:hidden">{t("gate.again")}</p>
        <Button
          variant="primary"
          className="max-sm:w-full"
          onClick={() => annotator.tell({ type: "guidelinesRead", id: newId() })}
        >
          {t("gate.read")}
        </Button>
      </footer>
    </div>
  );
}
