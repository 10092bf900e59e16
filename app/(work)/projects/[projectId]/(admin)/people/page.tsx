import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { PeoplePage } from "@/app/_features/people/PeoplePage";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("people"))("title") };
}

export default async function Page({ params }: PageProps<"/projects/[projectId]/people">) {
  return <PeoplePage projectId={(await params).projectId} />;
}
