import { randomUUID } from "node:crypto";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { findLink, insertLink, useLink } from "@/db/queries/identity.queries";
import { hashToken, newToken } from "../auth/token";
import { DomainError } from "../domain/errors";

export type LinkPurpose = "setup" | "reset";

const hour = 3_600_000;
const lifetimes: Record<LinkPurpose, number> = { setup: 24 * hour, reset: hour };

export const linkUrl = (publicUrl: string, token: string): string => `${publicUrl}/sign-in/link?token=${token}`;

/** Makes a link in the caller's transaction; earlier ones of the same person that nobody used stop working. */
export function createLink(
  tx: DbTx,
  link: { userId: string; purpose: LinkPurpose; createdBy: string | null },
  now = new Date(),
): { token: string; expiresAt: Date } {
  const token = newToken();
  const expiresAt = new Date(now.getTime() + lifetimes[link.purpose]);
  insertLink(tx, { id: randomUUID(), tokenHash: hashToken(token), ...link, expiresAt });
  return { token, expiresAt };
}

/** Uses a link up: of any number of calls with one token exactly one gets the person it stands for. */
export function redeemLink(db: Db, token: string, now = new Date()): { userId: string; purpose: LinkPurpose } {
  return writeTx(db, (tx) => {
    const link = findLink(tx, hashToken(token));
    if (!link) throw new DomainError("link_invalid", { reason: "unknown" });
    if (link.usedAt) throw new DomainError("link_invalid", { reason: "used" });
    if (link.expiresAt <= now) throw new DomainError("link_invalid", { reason: "expired" });
    useLink(tx, link.id, now);
    return { userId: link.userId, purpose: link.purpose };
  });
}
