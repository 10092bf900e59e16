"use client";
import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { IconButton } from "@/app/_ui/IconButton";

/** Code to read and to copy. Where the browser forbids copying (plain http), it selects the text instead. */
export function CodeBlock({ label, code }: { label: string; code: string }) {
  const t = useTranslations("common");
  const text = useRef<HTMLPreElement>(null);
  const [copied, setCopied] = useState(false);
  async function copy() {
    try {
      await navigator.clipboard.writeText(code);
      setCopied(true);
      window.setTimeout(() => setCopied(false), 4_000);
    } catch {
      if (text.current) window.getSelection()?.selectAllChildren(text.current);
    }
  }
  return (
    <div className="relative">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section aria-label={label} tabIndex={0} className="overflow-x-auto rounded-md border border-line bg-sunken">
        <pre ref={text} className="p-3 pe-12 text-[13px] leading-5">
          {code}
        </pre>
      </section>
      <div className="absolute top-1 right-1">
        <IconButton
          label={copied ? t("copied") : t("copy")}
          icon={copied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
          onClick={copy}
        />
      </div>
    </div>
  );
}
