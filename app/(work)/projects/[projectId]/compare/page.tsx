import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ComparePage } from "@/app/_features/annotate/ComparePage";
import { Hydrate, prefetch, serverTrpc } from "@/app/_trpc/server";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("annotate");
  return { title: t("title") };
}

export default async function Page({ params }: { params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  await Promise.all([
    prefetch(serverTrpc.session.me.queryOptions()),
    prefetch(serverTrpc.guidelines.current.queryOptions({ projectId })),
  ]);
  return (
    <Hydrate>
      <ComparePage projectId={projectId} />
    </Hydrate>
  );
}
