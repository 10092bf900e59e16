import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ItemsPage } from "@/app/_features/items/ItemsPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("items");
  return { title: t("title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  return <ItemsPage projectId={projectId} />;
}
