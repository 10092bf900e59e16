"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { PasswordInput } from "./PasswordInput";

interface Props {
  name?: string;
  email?: string;
}

const shortestPassword = 10;

/** Name, e-mail and a new password: what an account is made of. The form holds them; `readForm` takes them from it. */
export function CredentialFields({ name = "", email = "" }: Props) {
  const t = useTranslations("auth");
  return (
    <>
      <Field label={t("name")} hint={t("nameHint")}>
        <Input name="name" autoComplete="name" required maxLength={100} defaultValue={name} />
      </Field>
      <Field label={t("email")} hint={t("emailHint")}>
        <Input name="email" type="email" autoComplete="username" required maxLength={254} defaultValue={email} />
      </Field>
      <Field label={t("newPassword")} hint={t("passwordHint", { count: shortestPassword })}>
        <PasswordInput
          name="password"
          autoComplete="new-password"
          required
          minLength={shortestPassword}
          maxLength={128}
        />
      </Field>
    </>
  );
}
