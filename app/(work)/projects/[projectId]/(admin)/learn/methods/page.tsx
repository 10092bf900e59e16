import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { MethodsPage } from "@/app/_features/methods/MethodsPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("methods");
  return { title: t("title") };
}

interface Props {
  params: Promise<{ projectId: string }>;
  searchParams: Promise<{ model?: string | string[] }>;
}

export default async function Page({ params, searchParams }: Props) {
  const { model } = await searchParams;
  return <MethodsPage projectId={(await params).projectId} wantedModel={typeof model === "string" ? model : null} />;
}
