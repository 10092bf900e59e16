import { getTranslations } from "next-intl/server";
import { ButtonLink } from "./_ui/ButtonLink";

export default async function NotFound() {
  const t = await getTranslations("common");
  return (
    <main className="mx-auto flex min-h-[60dvh] max-w-md flex-col items-start justify-center gap-3 px-4">
      <h1 className="text-xl font-semibold">{t("notFoundTitle")}</h1>
      <p className="text-muted">{t("notFoundText")}</p>
      <ButtonLink href="/projects" variant="primary" className="mt-2">
        {t("toProjects")}
      </ButtonLink>
    </main>
  );
}
