import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { RunCardPage } from "@/app/_features/runs/RunCardPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("runs");
  return { title: t("card.title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string; runId: string }> }) {
  const { projectId, runId } = await params;
  return <RunCardPage projectId={projectId} runId={runId} />;
}
