"use client";
import { useQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { InvitesCard } from "./InvitesCard";
import { MembersCard } from "./MembersCard";
import { NewInviteDialog } from "./NewInviteDialog";

export function PeoplePage({ projectId }: { projectId: string }) {
  const t = useTranslations("people");
  const trpc = useTRPC();
  const [inviting, setInviting] = useState(false);
  const project = useQuery(trpc.projects.get.queryOptions({ projectId }));
  const role = project.data?.role ?? "admin";
  return (
    <Page>
      <PageHeader
        title={t("title")}
        description={t("lead")}
        actions={
          <Button
            variant="primary"
            icon={<UserPlus aria-hidden className="size-4" />}
            onClick={() => setInviting(true)}
          >
            {t("invite.create")}
          </Button>
        }
      />
      <div className="flex flex-col gap-4">
        <MembersCard projectId={projectId} myRole={role} />
        <InvitesCard projectId={projectId} onCreate={() => setInviting(true)} />
      </div>
      <NewInviteDialog
        projectId={projectId}
        mayInviteAdmins={role === "owner"}
        open={inviting}
        onOpenChange={setInviting}
      />
    </Page>
  );
}
