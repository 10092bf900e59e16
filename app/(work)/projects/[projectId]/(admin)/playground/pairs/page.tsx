import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { PairsPage } from "@/app/_features/pairs/PairsPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("pairs");
  return { title: t("title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string }> }) {
  return <PairsPage projectId={(await params).projectId} />;
}
