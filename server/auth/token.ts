import { createHash, randomBytes } from "node:crypto";

/** A secret for a link. Only its hash is stored, so that a copy of the database opens no door. */
export const newToken = (): string => randomBytes(32).toString("base64url");
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");
