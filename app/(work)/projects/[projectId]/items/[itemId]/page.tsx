import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ItemPage } from "@/app/_features/items/ItemPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("items");
  return { title: t("detail.title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string; itemId: string }> }) {
  const { projectId, itemId } = await params;
  return <ItemPage projectId={projectId} itemId={itemId} />;
}
