"use client";
import { useTranslations } from "next-intl";
import { Button } from "./_ui/Button";
import { ButtonLink } from "./_ui/ButtonLink";

export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const t = useTranslations("common");
  return (
    <main role="alert" className="mx-auto flex min-h-[60dvh] max-w-md flex-col items-start justify-center gap-3 px-4">
      <h1 className="text-xl font-semibold">{t("crashTitle")}</h1>
      <p className="text-muted">{t("crashText")}</p>
      {error.digest ? <p className="text-[13px] text-muted">{t("crashCode", { code: error.digest })}</p> : null}
      <div className="mt-2 flex flex-wrap gap-2">
        <Button variant="primary" onClick={reset}>
          {t("retry")}
        </Button>
        <ButtonLink href="/projects">{t("toProjects")}</ButtonLink>
      </div>
    </main>
  );
}
