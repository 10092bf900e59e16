import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { Shell } from "../_features/shell/Shell";
import { getViewer, Hydrate, prefetch, serverTrpc } from "../_trpc/server";

export default async function WorkLayout({ children }: { children: ReactNode }) {
  const viewer = await getViewer();
  if (!viewer) {
    const path = (await headers()).get("x-tiebreak-path") ?? "/projects";
    redirect(`/sign-in?next=${encodeURIComponent(path)}`);
  }
  await prefetch(serverTrpc.projects.list.queryOptions());
  return (
    <Hydrate>
      <Shell viewer={viewer}>{children}</Shell>
    </Hydrate>
  );
}
