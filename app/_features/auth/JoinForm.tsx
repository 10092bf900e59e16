"use client";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { homeOf } from "@/app/_features/shell/navigation";
import { readError } from "@/app/_ui/appError";
import { Button } from "@/app/_ui/Button";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { postJson } from "@/app/_ui/postJson";
import type { ProjectRole } from "@/server/domain/roles";
import { CredentialFields } from "./CredentialFields";

/** A new account that joins at once. Sending it twice does no harm: the server finishes what is missing. */
export function JoinForm({ token, role }: { token: string; role: ProjectRole }) {
  const t = useTranslations("auth");
  const [value, setValue] = useState({ name: "", email: "", password: "" });
  const join = useMutation({
    mutationFn: () =>
      postJson<{ projectId: string }>("/api/join", {
        token,
        name: value.name.trim(),
        email: value.email.trim(),
        password: value.password,
      }),
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
          join.mutate();
        }}
      >
        <CredentialFields value={value} onChange={setValue} />
        <p className="text-[13px] text-muted">{t("join.whoSees")}</p>
        {join.error ? <ErrorNote error={join.error} /> : null}
        {taken ? <ButtonLink href={signIn}>{t("join.toSignIn")}</ButtonLink> : null}
        <Button type="submit" variant="primary" pending={join.isPending || join.isSuccess}>
          {t("join.submit")}
        </Button>
      </form>
      {taken ? null : (
        <ButtonLink href={signIn} variant="ghost">
          {t("join.haveAccount")}
        </ButtonLink>
      )}
    </>
  );
}
