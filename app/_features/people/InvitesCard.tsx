"use client";
import { useQuery } from "@tanstack/react-query";
import { Mail } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Badge, type Tone } from "@/app/_ui/Badge";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Table, Td, Th } from "@/app/_ui/Table";
import type { Invite } from "./peopleTypes";
import { RevokeDialog } from "./RevokeDialog";

const tones: Record<Invite["state"], Tone> = {
  open: "good",
  expired: "neutral",
  revoked: "neutral",
  used_up: "neutral",
};

export function InvitesCard({ projectId, onCreate }: { projectId: string; onCreate: () => void }) {
  const t = useTranslations("people");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const list = useQuery(trpc.invites.list.queryOptions({ projectId }));
  const [revoking, setRevoking] = useState<Invite | null>(null);
  const invites = list.data?.invites;
  return (
    <Card title={t("invite.title")} description={t("invite.lead")} flush>
      {invites && invites.length > 0 ? (
        <Table label={t("invite.title")}>
          <thead>
            <tr>
              <Th>{t("invite.label")}</Th>
              <Th>{t("invite.role")}</Th>
              <Th>{t("invite.state")}</Th>
              <Th className="text-end">{t("invite.uses")}</Th>
              <Th>{t("invite.expires")}</Th>
              <Th>
                <span className="sr-only">{t("members.actions")}</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {invites.map((invite) => (
              <tr key={invite.id}>
                <Td className="min-w-32 break-words">
                  {invite.label || <span className="text-muted">{t("invite.noLabel")}</span>}
                </Td>
                <Td className="whitespace-nowrap">{common(`projectRole.${invite.role}`)}</Td>
                <Td>
                  <Badge tone={tones[invite.state]}>{t(`invite.states.${invite.state}`)}</Badge>
                </Td>
                <Td className="text-end whitespace-nowrap">
                  {invite.maxUses === null
                    ? t("invite.usesUnlimited", { uses: invite.uses })
                    : t("invite.usesOf", { uses: invite.uses, max: invite.maxUses })}
                </Td>
                <Td className="whitespace-nowrap">
                  {invite.expiresAt ? <RelativeTime date={invite.expiresAt} /> : common("never")}
                </Td>
                <Td className="w-px bg-surface text-end max-sm:sticky max-sm:right-0">
                  {invite.state === "open" ? (
                    <Button size="sm" variant="ghost" className="-my-1.5" onClick={() => setRevoking(invite)}>
                      {t("invite.revoke")}
                    </Button>
                  ) : null}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : invites ? (
        <div className="p-4 sm:p-5">
          <EmptyState
            icon={<Mail />}
            title={t("invite.emptyTitle")}
            action={<Button onClick={onCreate}>{t("invite.create")}</Button>}
          >
            {t("invite.emptyText")}
          </EmptyState>
        </div>
      ) : list.error ? (
        <ErrorNote error={list.error} onRetry={() => list.refetch()} className="m-4" />
      ) : (
        <SkeletonRows rows={2} />
      )}
      <RevokeDialog projectId={projectId} invite={revoking} onClose={() => setRevoking(null)} />
    </Card>
  );
}
