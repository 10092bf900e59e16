import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { homeOf } from "@/app/_features/shell/navigation";
import { getProject } from "@/app/_trpc/server";
import { atLeast } from "@/server/domain/roles";

/** The pages of a project's admins. Who only votes is led to the pairs; the procedures check for themselves. */
export default async function AdminLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ projectId: string }>;
}) {
  const { projectId } = await params;
  const project = await getProject(projectId);
  if (project && !atLeast(project.role, "admin")) redirect(homeOf(projectId, project.role));
  return children;
}
