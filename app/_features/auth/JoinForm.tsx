"use client";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { homeOf } from "@/app/_features/shell/navigation";
import { readError } from "@/app/_ui/appError";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { postJson } from "@/app/_ui/postJson";
import type { ProjectRole } from "@/server/domain/roles";
import { CredentialFields } from "./CredentialFields";
import { readForm } from "./readForm";
import { SubmitButton } from "./SubmitButton";

/** A new account that joins at once. Sending it twice does no harm: the server finishes what is missing. */
export function JoinForm({ token, role }: { token: string; role: ProjectRole }) {
  const t = useTranslations("auth");
  const join = useMutation({
    mutationFn: ({ name, email, password }: Record<"name" | "email" | "password", string>) =>
      postJson<{ projectId: string }>("/api/join", { token, name: name.trim(), email: email.trim(), password }),
    onSuccess: ({ projectId }) => window.location.assign(homeOf(projectId, role)),
  });
  const signIn = `/sign-in?next=${encodeURIComponent(`/join/${token}`)}`;
  const taken = join.error !== null && readError(join.error).code === "email_taken";
  return (
    <>
      <form
        method="post"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          join.mutate(readForm(event.currentTarget, "name", "email", "password"));
        }}
      >
        <CredentialFields />
        <p className="text-[13px] text-muted">{t("join.whoSees")}</p>
        {join.error ? <ErrorNote error={join.error} /> : null}
        {taken ? <ButtonLink href={signIn}>{t("join.toSignIn")}</ButtonLink> : null}
        <SubmitButton pending={join.isPending || join.isSuccess}>{t("join.submit")}</SubmitButton>
      </form>
      {taken ? null : (
        <ButtonLink href={signIn} variant="ghost">
          {t("join.haveAccount")}
        </ButtonLink>
      )}
    </>
  );
}
