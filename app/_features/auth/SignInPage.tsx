"use client";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { HttpError } from "@/app/_ui/appError";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { postJson } from "@/app/_ui/postJson";
import { AuthCard } from "./AuthCard";
import { PasswordInput } from "./PasswordInput";
import { readForm } from "./readForm";
import { SubmitButton } from "./SubmitButton";

export function SignInPage({ next }: { next: string }) {
  const t = useTranslations("auth");
  const signIn = useMutation({
    mutationFn: ({ email, password }: Record<"email" | "password", string>) =>
      postJson("/api/auth/sign-in/email", { email: email.trim(), password }),
    // A full load, so that the page starts as this person.
    onSuccess: () => window.location.assign(next),
  });
  // One sentence for an unknown e-mail and for a wrong password: nobody learns who has an account.
  const refused = signIn.error instanceof HttpError && [400, 401].includes(signIn.error.status);
  return (
    <>
      <AuthCard title={t("signIn.title")} lead={t("signIn.lead")}>
        <form
          method="post"
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate(readForm(event.currentTarget, "email", "password"));
          }}
        >
          <Field label={t("email")}>
            <Input name="email" type="email" autoComplete="username" required autoFocus />
          </Field>
          <Field label={t("password")}>
            <PasswordInput name="password" autoComplete="current-password" required />
          </Field>
          {refused ? (
            <p role="alert" className="rounded-md border border-danger/40 bg-danger-soft p-3">
              {t("signIn.refused")}
            </p>
          ) : signIn.error ? (
            <ErrorNote error={signIn.error} />
          ) : null}
          <SubmitButton pending={signIn.isPending || signIn.isSuccess}>{t("signIn.submit")}</SubmitButton>
        </form>
      </AuthCard>
      <div className="mt-5 flex flex-col gap-1 px-1 text-[13px] text-muted">
        <p>{t("signIn.noAccount")}</p>
        <p>{t("signIn.forgot")}</p>
      </div>
    </>
  );
}
