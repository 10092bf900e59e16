"use client";
import { Check, Copy } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { CopyField } from "@/app/_ui/CopyField";
import type { RunDetail } from "./runTypes";

/** The settings as the trainer gets them, to copy. Where the browser forbids copying they are selected instead. */
export function RunConfigCard({ run, snapshotHref }: { run: RunDetail; snapshotHref?: string }) {
  const t = useTranslations("runs.config");
  const common = useTranslations("common");
  const text = useRef<HTMLPreElement>(null);
  const [state, setState] = useState<"idle" | "copied" | "selected">("idle");
  const config = JSON.stringify(run.config, null, 2);
  async function copy() {
    try {
      await navigator.clipboard.writeText(config);
      setState("copied");
    } catch {
      if (text.current) window.getSelection()?.selectAllChildren(text.current);
      setState("selected");
    }
    window.setTimeout(() => setState("idle"), 4_000);
  }
  const { number, trainPairs, testPairs, contentHash } = run.dataset;
  const dataset = t("dataset", { number, train: trainPairs, test: testPairs });
  return (
    <Card
      title={t("title")}
      description={t("text")}
      actions={
        <Button
          size="sm"
          onClick={copy}
          icon={state === "copied" ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
        >
          {state === "copied" ? common("copied") : t("copy")}
        </Button>
      }
    >
      <p className="tabular text-muted">
        {snapshotHref ? (
          <Link href={snapshotHref} className="text-accent underline underline-offset-2">
            {dataset}
          </Link>
        ) : (
          dataset
        )}
      </p>
      <p className="mt-3 mb-1 text-[13px] text-muted">{t("hash")}</p>
      <CopyField label={t("hash")} value={contentHash} />
      <p role="status" className="mt-2 text-[13px] text-muted empty:hidden">
        {state === "selected" ? common("selectedToCopy") : null}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section aria-label={t("title")} tabIndex={0} className="mt-3 max-h-72 overflow-auto rounded-md bg-sunken p-3">
        <pre ref={text} className="font-mono text-[13px] leading-5">
          {config}
        </pre>
      </section>
    </Card>
  );
}
