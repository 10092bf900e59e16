import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { RunPage } from "@/app/_features/runs/RunPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("runs");
  return { title: t("one") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string; runId: string }> }) {
  const { projectId, runId } = await params;
  // A view of its own for every run: nothing of the one before stays.
  return <RunPage key={runId} projectId={projectId} runId={runId} />;
}
