import { ArrowLeft } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";

interface Props {
  title: ReactNode;
  description?: ReactNode;
  /** Buttons, the main one last. */
  actions?: ReactNode;
  back?: { readonly href: string; readonly label: ReactNode };
}

export function PageHeader({ title, description, actions, back }: Props) {
  return (
    <header className="mb-6">
      {back ? (
        <p className="mb-1">
          <Link
            href={back.href}
            className="inline-flex min-h-8 items-center gap-1.5 text-muted hover:text-ink pointer-coarse:min-h-11"
          >
            <ArrowLeft aria-hidden className="size-4" />
            {back.label}
          </Link>
        </p>
      ) : null}
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          <h1 className="text-xl leading-7 font-semibold tracking-[-0.01em] break-words">{title}</h1>
          {description ? <p className="mt-1 max-w-[72ch] text-muted">{description}</p> : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
    </header>
  );
}
