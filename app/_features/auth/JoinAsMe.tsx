"use client";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { Viewer } from "@/app/_features/shell/AccountMenu";
import { homeOf } from "@/app/_features/shell/navigation";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { postJson } from "@/app/_ui/postJson";
import type { ProjectRole } from "@/server/domain/roles";

interface Props {
  token: string;
  role: ProjectRole;
  viewer: Viewer;
  alreadyMember: boolean;
}

/** Someone who is signed in joins with the account they have. */
export function JoinAsMe({ token, role, viewer, alreadyMember }: Props) {
  const t = useTranslations("auth");
  const trpc = useTRPC();
  const accept = useMutation(
    trpc.invites.accept.mutationOptions({
      onSuccess: ({ projectId }) => window.location.assign(homeOf(projectId, role)),
    }),
  );
  const leave = useMutation({
    mutationFn: () => postJson("/api/auth/sign-out", {}),
    onSuccess: () => window.location.reload(),
  });
  const error = accept.error ?? leave.error;
  if (alreadyMember) {
    return (
      <>
        <p>{t("join.alreadyMember")}</p>
        <ButtonLink variant="primary" href="/projects">
          {t("join.toProjects")}
        </ButtonLink>
      </>
    );
  }
  return (
    <>
      <p className="text-[13px] text-muted">{t("join.whoSees")}</p>
      {error ? <ErrorNote error={error} /> : null}
      <Button
        variant="primary"
        pending={accept.isPending || accept.isSuccess}
        onClick={() => accept.mutate({ token })}
        className="whitespace-normal"
      >
        {t("join.asMe", { name: viewer.name })}
      </Button>
      <Button variant="ghost" pending={leave.isPending} onClick={() => leave.mutate()}>
        {t("join.otherAccount")}
      </Button>
    </>
  );
}
