"use client";
import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { Button } from "./Button";
import { controlClass } from "./controlClass";
import { cx } from "./cx";

/** A value to hand on: a link, a hash. Where the browser forbids copying (plain http), it selects the text instead. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const t = useTranslations("common");
  const input = useRef<HTMLInputElement>(null);
  const [state, setState] = useState<"idle" | "copied" | "selected">("idle");
  async function copy() {
    input.current?.select();
    try {
      await navigator.clipboard.writeText(value);
      setState("copied");
    } catch {
      setState("selected");
    }
    window.setTimeout(() => setState("idle"), 4_000);
  }
  return (
    <div>
      <div className="flex gap-2">
        <input
          ref={input}
          readOnly
          value={value}
          aria-label={label}
          onFocus={(event) => event.currentTarget.select()}
          className={cx(controlClass, "h-9 font-mono text-[13px] pointer-coarse:h-11")}
        />
        <Button
          onClick={copy}
          icon={state === "copied" ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
        >
          {state === "copied" ? t("copied") : t("copy")}
        </Button>
      </div>
      <p role="status" className="mt-1 text-[13px] text-muted empty:hidden">
        {state === "selected" ? t("selectedToCopy") : null}
      </p>
    </div>
  );
}
