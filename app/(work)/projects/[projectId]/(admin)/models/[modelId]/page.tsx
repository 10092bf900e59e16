import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ModelPage } from "@/app/_features/models/ModelPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("models");
  return { title: t("one") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string; modelId: string }> }) {
  const { projectId, modelId } = await params;
  return <ModelPage key={modelId} projectId={projectId} modelId={modelId} />;
}
