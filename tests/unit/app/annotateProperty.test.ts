import fc from "fast-check";
import { expect, test } from "vitest";
import type { Verdict } from "@/app/_features/annotate/verdicts";
import { Page, PlainServer } from "./annotateWorld";

type Happening =
  | { do: "verdict"; verdict: Verdict; after: number }
  | { do: "undo" | "skip"; after: number }
  | { do: "deliver"; fate: "ok" | "lostRequest" | "lostAnswer" }
  | { do: "wait"; after: number }
  | { do: "reload"; callsArrive: boolean }
  | { do: "network"; online: boolean }
  | { do: "resume" };

const after = fc.constantFrom(20, 260, 1_000);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("verdict" as const),
      verdict: fc.constantFrom<Verdict>(-3, -2, -1, 0, 1, 2, 3, "bad"),
      after,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("undo" as const), after }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("skip" as const), after }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("deliver" as const),
      fate: fc.constantFrom("ok" as const, "ok" as const, "lostRequest" as const, "lostAnswer" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("wait" as const), after: fc.constantFrom(1_500, 25_000, 1_000_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reload" as const), callsArrive: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("network" as const), online: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: "resume" as const }) },
);

function happen(page: Page, event: Happening): void {
  if (event.do === "verdict") page.verdict(event.verdict, event.after);
  else if (event.do === "undo") page.undo(event.after);
  else if (event.do === "skip") page.skip(event.after);
  else if (event.do === "deliver") page.deliver(event.fate);
  else if (event.do === "wait") page.tell({ type: "tick" }, event.after);
  else if (event.do === "reload") page.reload(event.callsArrive);
  else if (event.do === "network") page.tell({ type: "network", online: event.online });
  else page.tell({ type: "resume" });
}

/** What should stand in the end, from the annotator's own list of what they did. */
function intended(page: Page): Map<string, Verdict> {
  const standing: { assignmentId: string; verdict: Verdict }[] = [];
  for (const entry of page.made) {
    if (entry.kind === "vote") standing.push(entry);
    else if (entry.kind === "undo") standing.pop();
  }
  return new Map(standing.map((vote) => [vote.assignmentId, vote.verdict]));
}

test("whatever is pressed, lost or reloaded: each vote is in the outbox or acknowledged exactly once, and in the end the server holds what was meant", () => {
  fc.assert(
    fc.property(fc.array(happening, { minLength: 5, maxLength: 80, size: "max" }), (happenings) => {
      const page = new Page(new PlainServer(12));
      const places = () => {
        for (const { submissionId, kind } of page.made) {
          const waiting = page.state.outbox.filter((entry) => entry.submissionId === submissionId).length;
          const acknowledged = page.acknowledged.filter((id) => id === submissionId).length;
          expect([kind, submissionId, waiting + acknowledged]).toEqual([kind, submissionId, 1]);
        }
      };
      for (const event of happenings) {
        happen(page, event);
        places();
        const shown = page.state.pairs.map((pair) => pair.assignmentId);
        expect(new Set(shown).size).toBe(shown.length);
        const standing = intended(page);
        expect(shown.filter((assignmentId) => standing.has(assignmentId))).toEqual([]);
      }
      page.tell({ type: "resume" });
      page.calm();
      places();
      const stored = page.server.votes.filter((vote) => !vote.undone);
      expect(new Set(page.server.votes.map((vote) => vote.id)).size).toBe(page.server.votes.length);
      expect(new Map(stored.map((vote) => [vote.assignmentId, vote.verdict]))).toEqual(intended(page));
    }),
    { numRuns: 500 },
  );
}, 60_000);
