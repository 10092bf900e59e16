"use client";
import { useTranslations } from "next-intl";
import type { Message } from "@/trainer/contracts/message";
import { cx } from "./cx";
import { SafeMarkdown } from "./SafeMarkdown";

interface Props {
  messages: readonly Message[];
  /** One plain answer needs no speaker's name. */
  hideSingleRole?: boolean;
  className?: string;
}

/** A conversation as quiet text: who speaks, then what they say. */
export function Messages({ messages, hideSingleRole = true, className }: Props) {
  const t = useTranslations("common");
  const single = hideSingleRole && messages.length === 1;
  return (
    <div className={cx("flex flex-col gap-4", className)}>
      {messages.map((message, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: turns of a stored conversation never move
        <div key={index} className={cx(!single && message.role !== "user" && "border-l-2 border-line pl-3")}>
          {single ? null : <p className="mb-1 text-[13px] font-medium text-muted">{t(`role.${message.role}`)}</p>}
          <SafeMarkdown>{message.content}</SafeMarkdown>
        </div>
      ))}
    </div>
  );
}
