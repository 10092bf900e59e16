import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { PlaygroundPage } from "@/app/_features/playground/PlaygroundPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("playground");
  return { title: t("title") };
}

interface Props {
  params: Promise<{ projectId: string }>;
  searchParams: Promise<{ tuned?: string | string[]; reward?: string | string[] }>;
}

const one = (value: string | string[] | undefined): string | null => (typeof value === "string" ? value : null);

export default async function Page({ params, searchParams }: Props) {
  const { projectId } = await params;
  const { tuned, reward } = await searchParams;
  return <PlaygroundPage projectId={projectId} wantedModel={one(tuned)} wantedReward={one(reward)} />;
}
