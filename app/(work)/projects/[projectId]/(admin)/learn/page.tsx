import katex from "katex";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { renderFormulas } from "@/app/_features/learn/formulas";
import { LearnPage } from "@/app/_features/learn/LearnPage";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("learn");
  return { title: t("title") };
}

const formulas = renderFormulas((tex, displayMode) => katex.renderToString(tex, { displayMode, strict: true }));

export default async function Page({ params }: { params: Promise<{ projectId: string }> }) {
  return <LearnPage projectId={(await params).projectId} formulas={formulas} />;
}
