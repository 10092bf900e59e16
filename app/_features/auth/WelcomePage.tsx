"use client";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { Viewer } from "@/app/_features/shell/AccountMenu";
import { useTRPC } from "@/app/_trpc/client";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { AuthCard } from "./AuthCard";
import { CredentialFields } from "./CredentialFields";
import { readForm } from "./readForm";
import { SubmitButton } from "./SubmitButton";

/** The first admin's account, or a new password after a reset link. */
export function WelcomePage({ viewer }: { viewer: Viewer }) {
  const t = useTranslations("auth");
  const trpc = useTRPC();
  const first = viewer.needsCredentials && viewer.instanceAdmin;
  const save = useMutation(
    trpc.account.setCredentials.mutationOptions({ onSuccess: () => window.location.assign("/projects") }),
  );
  return (
    <AuthCard
      title={first ? t("welcome.title") : t("welcome.resetTitle")}
      lead={first ? t("welcome.lead") : t("welcome.resetLead")}
    >
      <form
        method="post"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const { name, email, password } = readForm(event.currentTarget, "name", "email", "password");
          save.mutate({ name: name.trim(), email: email.trim(), password });
        }}
      >
        {/* The account that the printed link signs into has placeholders for name and e-mail. */}
        {first ? <CredentialFields /> : <CredentialFields name={viewer.name} email={viewer.email} />}
        {save.error ? <ErrorNote error={save.error} /> : null}
        <SubmitButton pending={save.isPending || save.isSuccess}>
          {first ? t("welcome.submit") : t("welcome.resetSubmit")}
        </SubmitButton>
      </form>
    </AuthCard>
  );
}
