import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { NewRunPage } from "@/app/_features/runs/NewRunPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("runs");
  return { title: t("form.title") };
}

interface Props {
  params: Promise<{ projectId: string }>;
  searchParams: Promise<{ snapshot?: string | string[] }>;
}

export default async function Page({ params, searchParams }: Props) {
  const { projectId } = await params;
  const { snapshot } = await searchParams;
  return <NewRunPage projectId={projectId} wantedSnapshot={typeof snapshot === "string" ? snapshot : null} />;
}
