import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { SignInPage } from "@/app/_features/auth/SignInPage";
import { safeNext } from "@/app/_features/auth/safeNext";
import { getViewer } from "@/app/_trpc/server";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("auth"))("signIn.title") };
}

export default async function Page({ searchParams }: PageProps<"/sign-in">) {
  const next = safeNext((await searchParams).next);
  if (await getViewer()) redirect(next);
  return <SignInPage next={next} />;
}
