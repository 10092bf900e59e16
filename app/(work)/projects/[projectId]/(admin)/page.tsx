import { OverviewPage } from "@/app/_features/overview/OverviewPage";

export default async function Page({ params }: PageProps<"/projects/[projectId]">) {
  return <OverviewPage projectId={(await params).projectId} />;
}
