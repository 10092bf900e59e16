"use client";
import { FileText, Printer } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRuleLabels } from "@/app/_features/demo/RuleLabels";
import { Button } from "@/app/_ui/Button";
import { runCard } from "./runCard";
import type { RunView } from "./runEvents";
import type { RunDetail } from "./runTypes";
import { useRunFacts } from "./useRunFacts";

/** The run as something to give away: printed as the page shows it, or as a file. */
export function RunCardActions({ run, view }: { run: RunDetail; view: RunView }) {
  const t = useTranslations("runs");
  const factsOf = useRunFacts();
  const ruleLabels = useRuleLabels(run);
  function save() {
    const kind = t(`kind.${run.kind}`);
    const card = runCard(run, view, {
      title: t("name", { kind, number: run.snapshotNumber }),
      what: ruleLabels ?? "",
      heldOut: t("curves.heldOut"),
      interval: t("card.interval"),
      prompt: t("samples.prompt"),
      base: t("samples.base"),
      tuned: t("samples.tuned"),
      samples: t("samples.title"),
      settings: t("config.title"),
      curve: t("curves.title"),
      step: t("curves.step"),
      facts: factsOf(run, view),
    });
    const url = URL.createObjectURL(new Blob([card], { type: "text/markdown" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: `run-${run.id}.md` });
    link.click();
    URL.revokeObjectURL(url);
  }
  return (
    <>
      <Button icon={<FileText aria-hidden className="size-4" />} onClick={save}>
        {t("card.save")}
      </Button>
      <Button icon={<Printer aria-hidden className="size-4" />} onClick={() => window.print()}>
        {t("card.print")}
      </Button>
    </>
  );
}
