import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openDb } from "@/db/client";
import { authorize } from "@/server/services/access";
import { claimPairs, submitVote } from "@/server/services/annotate.service";

/** One annotator in a process of its own: claims and votes until there is nothing left, noting each acknowledged vote. */
const [file, userId, ledger] = process.argv.slice(2) as [string, string, string];
const db = openDb(file, { durability: "full" });
const access = authorize(db, userId, "p", "annotator");
let idle = 0;
while (idle < 40) {
  const [pair] = claimPairs(db, access, { want: 1, holding: [] }).pairs;
  if (!pair) {
    idle += 1;
    await sleep(50);
    continue;
  }
  idle = 0;
  // Named by the lease, so that a restarted process repeats the vote it may not have heard back about.
  const submission = {
    ...pair,
    submissionId: `${pair.assignmentId}:${pair.leaseToken}`,
    verdict: 1,
    bothBad: false,
    reason: null,
    criteria: {},
    durationMs: 5,
  };
  await sleep(2);
  const { judgementId, stored } = submitVote(db, access, submission);
  appendFileSync(ledger, `${judgementId} ${stored}\n`);
}
