import { randomUUID } from "node:crypto";
import superjson from "superjson";
import { expect, test } from "vitest";
import { judgement } from "@/db/schema/tasks";
import { answerTrpc } from "@/server/http/trpc";
import type { Pair } from "@/server/services/annotate.service";
import { sessionCookie } from "../../helpers/session";
import { Browser, testApp } from "../../helpers/testApp";
import { seedCrowd } from "../../helpers/testDb";

test("a vote that finds the disk full says so, leaves nothing half saved, and counts once when it is sent again", async () => {
  const app = testApp();
  seedCrowd(app.db, { annotators: 1, items: 1, overlap: 1 });
  const browser = new Browser(app);
  const cookie = await sessionCookie(app, "u0");
  const call = async (procedure: string, input: unknown) => {
    const request = browser.post(`/api/trpc/annotate.${procedure}`, superjson.serialize(input), { cookie });
    return (await answerTrpc(request)).json();
  };
  const claimed = await call("claim", { projectId: "p", want: 1, holding: [] });
  const { pairs } = superjson.deserialize<{ pairs: Pair[] }>(claimed.result.data);
  const { assignmentId, leaseToken } = pairs[0] as Pair;
  const said = { verdict: 2, bothBad: false, reason: "x".repeat(10_000), durationMs: 100 };
  const vote = { projectId: "p", assignmentId, leaseToken, submissionId: randomUUID(), ...said };

  // SQLite's own limit gives the error that a full disk gives.
  app.db.$client.pragma(`max_page_count = ${app.db.$client.pragma("page_count", { simple: true })}`);
  expect((await call("submit", vote)).error.json).toMatchObject({
    message: "disk_full",
    data: { domain: { code: "disk_full" } },
  });
  expect(app.db.select().from(judgement).all()).toEqual([]);

  app.db.$client.pragma("max_page_count = 1000000");
  expect(await call("submit", vote)).toHaveProperty("result");
  expect(await call("submit", vote)).toHaveProperty("result");
  expect(app.db.select().from(judgement).all()).toMatchObject([{ submissionId: vote.submissionId }]);
});
