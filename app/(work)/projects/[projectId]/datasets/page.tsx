import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { DatasetsPage } from "@/app/_features/datasets/DatasetsPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("datasets");
  return { title: t("title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  return <DatasetsPage projectId={projectId} />;
}
