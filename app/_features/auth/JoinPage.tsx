"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { Viewer } from "@/app/_features/shell/AccountMenu";
import { useTRPC } from "@/app/_trpc/client";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Skeleton } from "@/app/_ui/Skeleton";
import { AuthCard } from "./AuthCard";
import { JoinAsMe } from "./JoinAsMe";
import { JoinForm } from "./JoinForm";

/** What an invite leads to, before anybody fills in anything. */
export function JoinPage({ token, viewer }: { token: string; viewer: Viewer | null }) {
  const t = useTranslations("auth");
  const trpc = useTRPC();
  const preview = useQuery(trpc.invites.preview.queryOptions({ token }));
  if (preview.error) {
    return (
      <AuthCard title={t("join.invalidTitle")}>
        <ErrorNote error={preview.error} onRetry={() => preview.refetch()} />
        <ButtonLink href={viewer ? "/projects" : "/sign-in"}>
          {viewer ? t("join.toProjects") : t("join.toSignIn")}
        </ButtonLink>
      </AuthCard>
    );
  }
  if (!preview.data) {
    return (
      <AuthCard title={<Skeleton className="h-7 w-3/4" />} lead={<Skeleton className="w-full" />}>
        <Skeleton className="h-9 w-full" />
        <Skeleton className="h-9 w-full" />
        <Skeleton className="h-9 w-full" />
      </AuthCard>
    );
  }
  const { projectName, role, alreadyMember } = preview.data;
  return (
    <AuthCard
      title={t("join.heading", { project: projectName })}
      lead={role === "admin" ? t("join.leadAdmin") : t("join.leadAnnotator")}
    >
      {viewer ? (
        <JoinAsMe token={token} role={role} viewer={viewer} alreadyMember={alreadyMember} />
      ) : (
        <JoinForm token={token} role={role} />
      )}
    </AuthCard>
  );
}
