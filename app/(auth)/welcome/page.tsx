import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { WelcomePage } from "@/app/_features/auth/WelcomePage";
import { getViewer } from "@/app/_trpc/server";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("auth"))("welcome.title") };
}

export default async function Page({ searchParams }: PageProps<"/welcome">) {
  const viewer = await getViewer();
  if (!viewer) redirect("/sign-in");
  const reset = (await searchParams).reset === "1";
  if (!viewer.needsCredentials && !reset) redirect("/projects");
  return <WelcomePage viewer={viewer} />;
}
