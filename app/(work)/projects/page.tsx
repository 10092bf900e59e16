import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ProjectsPage } from "@/app/_features/projects/ProjectsPage";
import { getViewer } from "@/app/_trpc/server";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("projects"))("title") };
}

export default async function Page() {
  return <ProjectsPage mayCreate={(await getViewer())?.instanceAdmin ?? false} />;
}
