"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Field } from "@/app/_ui/Field";
import { SafeMarkdown } from "@/app/_ui/SafeMarkdown";
import { Tabs } from "@/app/_ui/Tabs";
import { Textarea } from "@/app/_ui/Textarea";

/** Markdown to write, and as annotators will see it. */
export function GuidelinesField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useTranslations("settings");
  const [tab, setTab] = useState<"write" | "preview">("write");
  const write = (
    <Field label={t("guidelines.label")} hint={t("guidelines.hint")}>
      <Textarea
        rows={14}
        maxLength={50_000}
        placeholder={t("guidelines.placeholder")}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="font-mono text-[13px]"
      />
    </Field>
  );
  const preview = (
    <div className="min-h-80 rounded-md border border-line bg-canvas p-4">
      {value.trim() ? <SafeMarkdown>{value}</SafeMarkdown> : <p className="text-muted">{t("guidelines.empty")}</p>}
    </div>
  );
  return (
    <Tabs
      label={t("guidelines.title")}
      value={tab}
      onChange={setTab}
      tabs={[
        { value: "write", label: t("guidelines.write"), content: write },
        { value: "preview", label: t("guidelines.preview"), content: preview },
      ]}
    />
  );
}
