"use client";
import { ExternalLink, Image } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { ButtonLink } from "./ButtonLink";
import { CopyField } from "./CopyField";
import { Dialog } from "./Dialog";

interface Props {
  /** As written in the text. */
  href: string | undefined;
  picture?: boolean;
  children: ReactNode;
}

/** The full address, its host as it is asked for (not as it may look), or null where it leads to no web page or mailbox. */
function addressOf(href: string | undefined): URL | null {
  if (!href || !/^(https?:|mailto:)/i.test(href)) return null;
  try {
    return new URL(href);
  } catch {
    return null;
  }
}

/** A link in somebody's text. A press shows where it leads; only from there is it copied or followed. */
export function GuardedLink({ href, picture = false, children }: Props) {
  const t = useTranslations("common.link");
  const [open, setOpen] = useState(false);
  const url = addressOf(href);
  if (!url) return <span>{children}</span>;
  const Icon = picture ? Image : ExternalLink;
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        title={url.href}
        onClick={() => setOpen(true)}
        className="prose-link"
      >
        {children} <Icon aria-hidden className="inline size-3.5" />
      </button>
      {open ? (
        <Dialog
          open
          onOpenChange={setOpen}
          title={picture ? t("picture") : t("title")}
          description={url.host ? t("host", { host: url.host }) : undefined}
          footer={
            <ButtonLink
              href={url.href}
              target="_blank"
              rel="noopener noreferrer nofollow"
              onClick={() => setOpen(false)}
            >
              {t("follow")}
            </ButtonLink>
          }
        >
          <CopyField label={t("address")} value={url.href} />
        </Dialog>
      ) : null}
    </>
  );
}
