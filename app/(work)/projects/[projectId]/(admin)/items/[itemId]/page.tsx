import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ItemPage } from "@/app/_features/items/ItemPage";
import { Hydrate, prefetch, serverTrpc } from "@/app/_trpc/server";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("items");
  return { title: t("detail.title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string; itemId: string }> }) {
  const { projectId, itemId } = await params;
  await prefetch(serverTrpc.items.get.queryOptions({ projectId, itemId }));
  return (
    <Hydrate>
      <ItemPage projectId={projectId} itemId={itemId} />
    </Hydrate>
  );
}
