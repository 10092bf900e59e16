import { hashPassword } from "better-auth/crypto";
import { account, membership, project, user } from "@/db/schema/identity";
import { answerApi } from "@/server/api/answer";
import type { App } from "@/server/app";
import { type ApiScope, apiScopes } from "@/server/domain/api/scopes";
import { uploadStore } from "@/server/http/imports";
import { authorize } from "@/server/services/access";
import { ImportQueue } from "@/server/services/imports.queue";
import { createToken } from "@/server/services/tokens.service";
import { testApp } from "../../helpers/testApp";

/** An app with projects `p` (admin ada) and `other` (admin eve). */
export async function apiApp(): Promise<App> {
  const app = testApp();
  const password = await hashPassword("correct horse");
  for (const [id, projectId] of [
    ["ada", "p"],
    ["eve", "other"],
  ] as const) {
    app.db
      .insert(project)
      .values({ id: projectId, name: `Project ${projectId}` })
      .run();
    app.db
      .insert(user)
      .values({ id, name: id, email: `${id}@example.org` })
      .run();
    app.db.insert(account).values({ id, accountId: id, providerId: "credential", userId: id, password }).run();
    app.db.insert(membership).values({ projectId, userId: id, role: "admin" }).run();
  }
  new ImportQueue(uploadStore(app), app.log).start();
  return app;
}

export function tokenFor(app: App, scopes: readonly ApiScope[] = apiScopes, [who, projectId] = ["ada", "p"]): string {
  return createToken(app.db, authorize(app.db, who, projectId, "admin"), { name: "Test", scopes, days: 1 }).token;
}

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a program gets is whatever it gets
  readonly body: any;
}

/** Calls the API as a program does. */
export async function call(
  app: App,
  token: string | null,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Called> {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
  const init = { method, headers: { ...authorization, ...headers }, body: text };
  const response = await answerApi(new Request(`${app.env.publicUrl}/api/v1${path}`, init));
  const json = response.headers.get("content-type")?.includes("json") && !response.headers.has("content-disposition");
  return {
    status: response.status,
    headers: response.headers,
    body: json ? await response.json() : await response.text(),
  };
}
