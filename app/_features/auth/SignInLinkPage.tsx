"use client";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPCClient } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { postJson } from "@/app/_ui/postJson";
import { AuthCard } from "./AuthCard";

export function SignInLinkPage({ token }: { token: string }) {
  const t = useTranslations("auth");
  const trpc = useTRPCClient();
  const redeem = useMutation({
    mutationFn: async () => {
      const { purpose } = await postJson<{ purpose: "setup" | "reset" }>("/api/sign-in-link", { token });
      if (purpose === "reset") return "/welcome?reset=1";
      const { user } = await trpc.session.me.query();
      return user?.needsCredentials ? "/welcome" : "/projects";
    },
    // Replaces this page, so that going back does not offer a spent link.
    onSuccess: (path) => window.location.replace(path),
  });
  return (
    <AuthCard title={t("link.title")} lead={t("link.lead")}>
      {redeem.error ? <ErrorNote error={redeem.error} /> : null}
      <Button
        variant="primary"
        autoFocus
        disabled={token === ""}
        pending={redeem.isPending || redeem.isSuccess}
        onClick={() => redeem.mutate()}
      >
        {t("link.submit")}
      </Button>
      {token === "" ? <p role="alert">{t("link.missing")}</p> : null}
    </AuthCard>
  );
}
