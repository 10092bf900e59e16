"use client";
import { RotateCw, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { readError } from "./appError";
import { Button } from "./Button";
import { cx } from "./cx";
import { useErrorText } from "./errorText";

interface Props {
  error: unknown;
  /** Shows a button that tries again. */
  onRetry?: () => void;
  className?: string;
}

/** An error as a sentence, read aloud, with the way on. */
export function ErrorNote({ error, onRetry, className }: Props) {
  const t = useTranslations("common");
  const sentence = useErrorText()(error);
  const { code, requestId } = readError(error);
  return (
    <div
      role="alert"
      className={cx(
        "flex flex-wrap items-start gap-x-3 gap-y-2 rounded-md border border-danger/40 bg-danger-soft px-3",
        onRetry ? "py-2" : "py-3",
        className,
      )}
    >
      <TriangleAlert aria-hidden className={cx("size-4 shrink-0 text-danger", onRetry ? "mt-2" : "mt-0.5")} />
      <div className={cx("min-w-0 flex-1 basis-48", onRetry && "py-1.5")}>
        <p>{sentence}</p>
        {code === "internal_error" && requestId ? (
          <p className="mt-1 text-[13px] text-muted">{t("requestId", { id: requestId })}</p>
        ) : null}
      </div>
      {onRetry ? (
        <Button size="sm" icon={<RotateCw aria-hidden className="size-4" />} onClick={onRetry}>
          {t("retry")}
        </Button>
      ) : null}
    </div>
  );
}
