import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { SignInLinkPage } from "@/app/_features/auth/SignInLinkPage";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("auth"))("link.title"), referrer: "no-referrer" };
}

/** Opening this address spends nothing: only the button does, so a link preview cannot use the link up. */
export default async function Page({ searchParams }: PageProps<"/sign-in/link">) {
  const { token } = await searchParams;
  return <SignInLinkPage token={typeof token === "string" ? token : ""} />;
}
