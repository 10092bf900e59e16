"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { PasswordInput } from "./PasswordInput";

interface Credentials {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

interface Props {
  value: Credentials;
  onChange: (value: Credentials) => void;
}

const shortestPassword = 10;

/** Name, e-mail and a new password: what an account is made of. */
export function CredentialFields({ value, onChange }: Props) {
  const t = useTranslations("auth");
  return (
    <>
      <Field label={t("name")} hint={t("nameHint")}>
        <Input
          name="name"
          autoComplete="name"
          required
          maxLength={100}
          value={value.name}
          onChange={(event) => onChange({ ...value, name: event.target.value })}
        />
      </Field>
      <Field label={t("email")} hint={t("emailHint")}>
        <Input
          name="email"
          type="email"
          autoComplete="username"
          required
          maxLength={254}
          value={value.email}
          onChange={(event) => onChange({ ...value, email: event.target.value })}
        />
      </Field>
      <Field label={t("newPassword")} hint={t("passwordHint", { count: shortestPassword })}>
        <PasswordInput
          name="password"
          autoComplete="new-password"
          required
          minLength={shortestPassword}
          maxLength={128}
          value={value.password}
          onChange={(event) => onChange({ ...value, password: event.target.value })}
        />
      </Field>
    </>
  );
}
