import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { GuidelinesPage } from "@/app/_features/guidelines/GuidelinesPage";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("guidelines"))("title") };
}

export default async function Page({ params }: PageProps<"/projects/[projectId]/guidelines">) {
  return <GuidelinesPage projectId={(await params).projectId} />;
}
