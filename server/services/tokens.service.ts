import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { type ApiToken, findToken, findTokenByHash, listTokenRows, noteTokenUse } from "@/db/queries/tokens.queries";
import { audit } from "@/db/schema/audit";
import { apiToken } from "@/db/schema/integrations";
import { hashToken, newToken } from "../auth/token";
import { type ApiScope, tokenPrefix } from "../domain/api/scopes";
import { DomainError } from "../domain/errors";
import { type Access, authorize } from "./access";

const dayMs = 86_400_000;
/** `lastUsedAt` is right to a minute. */
const useNotedEveryMs = 60_000;
/** Characters of a token that are kept to tell it by. */
const hintLength = tokenPrefix.length + 4;

const stateOf = ({ revokedAt, expiresAt }: ApiToken, now: Date): "open" | "revoked" | "expired" =>
  revokedAt ? "revoked" : expiresAt <= now ? "expired" : "open";

export function listTokens(db: DbTx, { projectId }: Access<"admin">, now = new Date()) {
  return listTokenRows(db, projectId).map(({ token, madeBy }) => {
    const { id, name, hint, scopes, createdAt, expiresAt, lastUsedAt } = token;
    return { id, name, hint, scopes, madeBy, createdAt, expiresAt, lastUsedAt, state: stateOf(token, now) };
  });
}

export interface NewApiToken {
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  readonly days: number;
}

/** The token is in the answer and nowhere else: the database keeps its hash. */
export function createToken(
  db: Db,
  { projectId, userId }: Access<"admin">,
  { name, scopes, days }: NewApiToken,
  now = new Date(),
): { id: string; token: string } {
  const [id, token] = [randomUUID(), tokenPrefix + newToken()];
  const expiresAt = new Date(now.getTime() + days * dayMs);
  const row = { id, projectId, name, hint: token.slice(0, hintLength), scopes: [...scopes], expiresAt, createdAt: now };
  writeTx(db, (tx) => {
    tx.insert(apiToken)
      .values({ ...row, tokenHash: hashToken(token), createdBy: userId })
      .run();
    const details = { name, scopes, days };
    tx.insert(audit).values({ projectId, actorId: userId, action: "token.created", subject: id, details }).run();
  });
  return { id, token };
}

export function revokeToken(db: Db, { projectId, userId }: Access<"admin">, tokenId: string, now = new Date()): void {
  writeTx(db, (tx) => {
    const row = findToken(tx, projectId, tokenId);
    if (!row) throw new DomainError("not_found", { what: "token" });
    if (row.revokedAt) return;
    tx.update(apiToken).set({ revokedAt: now }).where(eq(apiToken.id, tokenId)).run();
    tx.insert(audit).values({ projectId, actorId: userId, action: "token.revoked", subject: tokenId }).run();
  });
}

/** What a token that was presented opens: a project, with the rights that its maker has there now. */
export interface OpenedToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  readonly expiresAt: Date;
  readonly access: Access<"admin">;
}

/** Throws `not_signed_in` with the reason for a token that opens nothing (any more). */
export function openToken(db: Db, presented: string, now = new Date()): OpenedToken {
  const row = findTokenByHash(db, hashToken(presented));
  if (!row) throw new DomainError("not_signed_in", { reason: "unknown" });
  const state = stateOf(row, now);
  if (state !== "open") throw new DomainError("not_signed_in", { reason: state });
  const access = makersAccess(db, row);
  noteTokenUse(db, row.id, now, useNotedEveryMs);
  const { id, name, scopes, expiresAt } = row;
  return { id, name, scopes, expiresAt, access };
}

/** A token never may more than the person who made it may now. */
function makersAccess(db: DbTx, { createdBy, projectId }: ApiToken): Access<"admin"> {
  try {
    return authorize(db, createdBy, projectId, "admin");
  } catch (error) {
    throw new DomainError("not_signed_in", { reason: "maker" }, { cause: error });
  }
}
