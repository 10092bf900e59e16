import { createHmac } from "node:crypto";

/** The signature of Standard Webhooks (standardwebhooks.com, version 1): HMAC-SHA256 of id, seconds and body. */
export function signMessage(secret: string, id: string, timestampSeconds: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestampSeconds}.${body}`).digest("base64")}`;
}
