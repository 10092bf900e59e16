import { redirect } from "next/navigation";
import { OverviewPage } from "@/app/_features/overview/OverviewPage";
import { homeOf } from "@/app/_features/shell/navigation";
import { getProject } from "@/app/_trpc/server";
import { atLeast } from "@/server/domain/roles";

export default async function Page({ params }: PageProps<"/projects/[projectId]">) {
  const { projectId } = await params;
  const project = await getProject(projectId);
  if (project && !atLeast(project.role, "admin")) redirect(homeOf(projectId, project.role));
  return <OverviewPage projectId={projectId} />;
}
