import type { App } from "@/server/app";
import { startSession } from "@/server/auth/auth";

/** The cookie of a new session, as the product's own server signs it: it must know the same data folder and address. */
export async function sessionCookie(app: App, userId: string): Promise<string> {
  const lines = await startSession(app, userId, new Headers());
  return lines.map((line) => line.split(";")[0]).join("; ");
}
