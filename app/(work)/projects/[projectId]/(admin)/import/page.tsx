import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ImportPage } from "@/app/_features/imports/ImportPage";
import { Hydrate, prefetch, serverTrpc } from "@/app/_trpc/server";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("imports");
  return { title: t("title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  await prefetch(serverTrpc.imports.list.queryOptions({ projectId }));
  return (
    <Hydrate>
      <ImportPage projectId={projectId} />
    </Hydrate>
  );
}
