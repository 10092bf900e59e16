import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ImportPage } from "@/app/_features/imports/ImportPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("imports");
  return { title: t("title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  return <ImportPage projectId={projectId} />;
}
