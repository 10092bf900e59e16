import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { SettingsPage } from "@/app/_features/settings/SettingsPage";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings"))("title") };
}

export default async function Page({ params }: PageProps<"/projects/[projectId]/settings">) {
  return <SettingsPage projectId={(await params).projectId} />;
}
