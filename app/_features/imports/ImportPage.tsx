"use client";
import { useTranslations } from "next-intl";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { EarlierImports } from "./EarlierImports";
import { UploadBox } from "./UploadBox";

export function ImportPage({ projectId }: { projectId: string }) {
  const t = useTranslations("imports");
  return (
    <Page>
      <PageHeader title={t("title")} description={t("lead")} />
      <div className="flex flex-col gap-6">
        <UploadBox projectId={projectId} />
        <EarlierImports projectId={projectId} />
      </div>
    </Page>
  );
}
