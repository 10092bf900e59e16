import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ImportFilePage } from "@/app/_features/imports/ImportFilePage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("imports");
  return { title: t("title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string; importId: string }> }) {
  const { projectId, importId } = await params;
  return <ImportFilePage projectId={projectId} importId={importId} />;
}
