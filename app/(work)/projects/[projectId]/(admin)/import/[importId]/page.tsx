import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ImportFilePage } from "@/app/_features/imports/ImportFilePage";
import { Hydrate, prefetch, serverTrpc } from "@/app/_trpc/server";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("imports");
  return { title: t("title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string; importId: string }> }) {
  const { projectId, importId } = await params;
  await prefetch(serverTrpc.imports.get.queryOptions({ projectId, importId }));
  return (
    <Hydrate>
      <ImportFilePage projectId={projectId} importId={importId} />
    </Hydrate>
  );
}
