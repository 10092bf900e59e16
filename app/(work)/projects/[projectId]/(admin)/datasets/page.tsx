import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { DatasetsPage } from "@/app/_features/datasets/DatasetsPage";
import { Hydrate, prefetch, serverTrpc } from "@/app/_trpc/server";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("datasets");
  return { title: t("title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  await prefetch(serverTrpc.datasets.list.queryOptions({ projectId }));
  return (
    <Hydrate>
      <DatasetsPage projectId={projectId} />
    </Hydrate>
  );
}
