import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { WebhookPage } from "@/app/_features/access/WebhookPage";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("access"))("webhook.title") };
}

export default async function Page({ params }: PageProps<"/projects/[projectId]/settings/webhooks/[webhookId]">) {
  return <WebhookPage {...(await params)} />;
}
