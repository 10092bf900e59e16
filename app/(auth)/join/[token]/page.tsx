import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { JoinPage } from "@/app/_features/auth/JoinPage";
import { getViewer } from "@/app/_trpc/server";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("auth"))("join.title"), referrer: "no-referrer" };
}

export default async function Page({ params }: PageProps<"/join/[token]">) {
  return <JoinPage token={(await params).token} viewer={await getViewer()} />;
}
