import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ApiPage } from "@/app/_features/api/ApiPage";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("api"))("title") };
}

export default async function Page({ params }: PageProps<"/projects/[projectId]/api">) {
  return <ApiPage projectId={(await params).projectId} />;
}
