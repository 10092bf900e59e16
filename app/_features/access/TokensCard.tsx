"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Badge } from "@/app/_ui/Badge";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ConfirmDialog } from "@/app/_ui/ConfirmDialog";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Table, Td, Th } from "@/app/_ui/Table";
import { useLast } from "@/app/_ui/useLast";
import type { Token } from "./accessTypes";
import { NewTokenDialog } from "./NewTokenDialog";

const tones = { open: "good", expired: "neutral", revoked: "neutral" } as const;

/** The keys with which programs use the project. */
export function TokensCard({ projectId }: { projectId: string }) {
  const t = useTranslations("access.tokens");
  const trpc = useTRPC();
  const list = useQuery(trpc.tokens.list.queryOptions({ projectId }));
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const tokens = list.data?.tokens;
  const button = (
    <Button icon={<Plus aria-hidden className="size-4" />} onClick={() => setMaking(true)}>
      {t("new")}
    </Button>
  );
  return (
    <Card
      title={t("title")}
      description={
        <>
          {t("lead")}{" "}
          <Link href={`/projects/${projectId}/api`} className="text-accent underline underline-offset-2">
            {t("docs")}
          </Link>
        </>
      }
      actions={tokens && tokens.length > 0 ? button : null}
      flush
    >
      {tokens && tokens.length > 0 ? (
        <TokenTable tokens={tokens} onRevoke={setRevoking} />
      ) : tokens ? (
        <div className="p-4 sm:p-5">
          <EmptyState icon={<KeyRound />} title={t("emptyTitle")} action={button}>
            {t("emptyText")}
          </EmptyState>
        </div>
      ) : list.error ? (
        <ErrorNote error={list.error} onRetry={() => list.refetch()} className="m-4" />
      ) : (
        <SkeletonRows rows={2} />
      )}
      <NewTokenDialog projectId={projectId} open={making} onOpenChange={setMaking} />
      <RevokeToken projectId={projectId} token={revoking} onClose={() => setRevoking(null)} />
    </Card>
  );
}

function TokenTable({ tokens, onRevoke }: { tokens: readonly Token[]; onRevoke: (token: Token) => void }) {
  const t = useTranslations("access.tokens");
  const common = useTranslations("common");
  return (
    <Table label={t("title")}>
      <thead>
        <tr>
          <Th>{t("name")}</Th>
          <Th>{t("scopes")}</Th>
          <Th>{t("state")}</Th>
          <Th>{t("lastUsed")}</Th>
          <Th>{t("expires")}</Th>
          <Th>
            <span className="sr-only">{t("actions")}</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id}>
            <Td className="min-w-40">
              <span className="block font-medium break-words">{token.name}</span>
              <span className="block text-[13px] text-muted">
                <code>{token.hint}…</code> {t("madeBy", { name: token.madeBy })}
              </span>
            </Td>
            <Td>
              <span className="flex max-w-56 flex-wrap gap-1">
                {token.scopes.map((scope) => (
                  <Badge key={scope}>{t(`scopeShort.${scope}`)}</Badge>
                ))}
              </span>
            </Td>
            <Td>
              <Badge tone={tones[token.state]}>{t(`states.${token.state}`)}</Badge>
            </Td>
            <Td className="whitespace-nowrap">
              {token.lastUsedAt ? (
                <RelativeTime date={token.lastUsedAt} />
              ) : (
                <span className="text-muted">{common("never")}</span>
              )}
            </Td>
            <Td className="whitespace-nowrap">
              <RelativeTime date={token.expiresAt} />
            </Td>
            <Td className="w-px bg-surface text-end max-sm:sticky max-sm:right-0">
              {token.state === "open" ? (
                <Button size="sm" variant="ghost" className="-my-1.5" onClick={() => onRevoke(token)}>
                  {t("revoke")}
                </Button>
              ) : null}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function RevokeToken({ projectId, token, onClose }: { projectId: string; token: Token | null; onClose: () => void }) {
  const t = useTranslations("access.tokens");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const shown = useLast(token);
  const revoke = useMutation(
    trpc.tokens.revoke.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.tokens.pathFilter());
        onClose();
      },
    }),
  );
  return (
    <ConfirmDialog
      open={token !== null}
      onOpenChange={(open) => {
        if (open) return;
        revoke.reset();
        onClose();
      }}
      title={t("revokeTitle", { name: shown?.name ?? "" })}
      confirmLabel={t("revoke")}
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => token && revoke.mutate({ projectId, tokenId: token.id })}
    >
      {t("revokeText")}
    </ConfirmDialog>
  );
}
