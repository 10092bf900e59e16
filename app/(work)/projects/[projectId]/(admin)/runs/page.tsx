import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { RunsPage } from "@/app/_features/runs/RunsPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("runs");
  return { title: t("title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  return <RunsPage projectId={projectId} />;
}
