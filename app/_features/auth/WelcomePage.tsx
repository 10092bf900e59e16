"use client";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { Viewer } from "@/app/_features/shell/AccountMenu";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { AuthCard } from "./AuthCard";
import { CredentialFields } from "./CredentialFields";

/** The first admin's account, or a new password after a reset link. */
export function WelcomePage({ viewer }: { viewer: Viewer }) {
  const t = useTranslations("auth");
  const trpc = useTRPC();
  const first = viewer.needsCredentials && viewer.instanceAdmin;
  // The account that the printed link signs into has placeholders for name and e-mail.
  const [value, setValue] = useState({
    name: first ? "" : viewer.name,
    email: first ? "" : viewer.email,
    password: "",
  });
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
          save.mutate({ ...value, name: value.name.trim(), email: value.email.trim() });
        }}
      >
        <CredentialFields value={value} onChange={setValue} />
        {save.error ? <ErrorNote error={save.error} /> : null}
        <Button type="submit" variant="primary" pending={save.isPending || save.isSuccess}>
          {first ? t("welcome.submit") : t("welcome.resetSubmit")}
        </Button>
      </form>
    </AuthCard>
  );
}
