import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { CompareRunsPage } from "@/app/_features/runs/compare/CompareRunsPage";
import { readChoice } from "@/app/_features/runs/compare/runChoice";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("runs");
  return { title: t("compare.title") };
}

interface Props {
  params: Promise<{ projectId: string }>;
  searchParams: Promise<{ runs?: string | string[] }>;
}

export default async function Page({ params, searchParams }: Props) {
  const { projectId } = await params;
  const runIds = readChoice((await searchParams).runs);
  // A page of its own for every choice: no curve of a run that is left out stays.
  return <CompareRunsPage key={runIds.join()} projectId={projectId} runIds={runIds} />;
}
