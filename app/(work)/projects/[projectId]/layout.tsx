import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { getProject, Hydrate } from "@/app/_trpc/server";

/** Someone who does not belong to the project is not told that it exists. */
export default async function ProjectLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ projectId: string }>;
}) {
  if (!(await getProject((await params).projectId))) notFound();
  return <Hydrate>{children}</Hydrate>;
}
