import type { TRPCClient } from "@trpc/client";
import { readError } from "@/app/_ui/appError";
import type { AppRouter } from "@/server/trpc/appRouter";
import type { Answer, Claimed, Lease } from "./annotateEvents";
import type { Entry, Failure, Pair } from "./outbox";
import type { Verdict } from "./verdicts";

/** A call without an answer for this long is tried again; the server knows repeated ones by their id. */
const patienceMs = 15_000;

/** What is to be made of a failed call. */
export function failureOf(error: unknown): Failure {
  const { code, details, retryable } = readError(error);
  if (code === "network" || code === "internal_error") return { kind: "network" };
  const outside = code === "not_signed_in" || code === "not_allowed";
  if (outside || (code === "not_found" && details.what === "project")) return { kind: "blocked", code };
  return retryable && code !== "conflict" ? { kind: "network" } : { kind: "refused", code };
}

const toPair = ({ assignmentId, leaseToken, itemId, prompt, left, right }: Pair): Pair => ({
  assignmentId,
  leaseToken,
  itemId,
  prompt,
  left,
  right,
});

const toVerdict = (verdict: number | null, bothBad: boolean): Verdict | null => (bothBad ? "bad" : verdict);

/** The server's side of the machine's effects. */
export function annotateCalls(client: TRPCClient<AppRouter>, projectId: string, userId: string) {
  const options = () => ({ signal: AbortSignal.timeout(patienceMs) });
  return {
    /** A pair unknown to the server is unknown to whoever is signed in now: that may be somebody else by now. */
    async failureOf(error: unknown): Promise<Failure> {
      const failure = failureOf(error);
      if (failure.kind !== "refused" || failure.code !== "not_found") return failure;
      try {
        const { user } = await client.session.me.query(undefined, options());
        return user?.id === userId ? failure : { kind: "blocked", code: "not_signed_in" };
      } catch {
        return { kind: "network" };
      }
    },

    async claim(want: number, holding: readonly string[]): Promise<Claimed> {
      const { pairs, rules, unread, practice } = await client.annotate.claim.mutate(
        { projectId, want, holding: [...holding] },
        options(),
      );
      const { leaseSeconds, ...judging } = rules;
      return { pairs: pairs.map(toPair), rules: { ...judging, leaseMs: leaseSeconds * 1000 }, unread, practice };
    },

    async send(entry: Entry): Promise<Answer> {
      const { submissionId } = entry;
      if (entry.kind === "undo") {
        const { pair, previous } = await client.annotate.undo.mutate({ projectId, submissionId }, options());
        const verdict = previous && toVerdict(previous.verdict, previous.bothBad);
        return {
          kind: "undo",
          pair: toPair(pair),
          previous: previous && verdict !== null ? { verdict, reason: previous.reason } : null,
        };
      }
      if (entry.kind === "read") {
        const { version, readAt } = entry;
        await client.guidelines.acknowledge.mutate({ projectId, version, readAt: new Date(readAt) }, options());
        return { kind: "read" };
      }
      if (entry.kind === "report") {
        const { assignmentId, problem, note } = entry;
        await client.annotate.report.mutate({ projectId, submissionId, assignmentId, problem, note }, options());
        return { kind: "report" };
      }
      const { assignmentId, leaseToken, reason } = entry;
      if (entry.kind === "skip") {
        await client.annotate.skip.mutate({ projectId, assignmentId, leaseToken, reason }, options());
        return { kind: "skip" };
      }
      const bothBad = entry.verdict === "bad";
      const verdict = entry.verdict === "bad" ? null : entry.verdict;
      const { criteria, durationMs, guidelineVersion } = entry;
      const { stored, replayed } = await client.annotate.submit.mutate(
        {
          ...{ projectId, assignmentId, leaseToken, submissionId, verdict, bothBad, reason, criteria, durationMs },
          guidelineVersion,
        },
        options(),
      );
      return { kind: "vote", stored, replayed };
    },

    async renew(leases: readonly Lease[]): Promise<string[]> {
      return (await client.annotate.heartbeat.mutate({ projectId, leases: [...leases] }, options())).alive;
    },

    /** Works while the page is going away, when an ordinary call would be cut off. */
    release(leases: readonly Lease[]): void {
      if (leases.length > 0) navigator.sendBeacon("/api/release", JSON.stringify({ projectId, leases }));
    },
  };
}

export type AnnotateCalls = ReturnType<typeof annotateCalls>;
