import { expect, test } from "vitest";
import { currentPair, mayClaim, phaseOf, startState } from "@/app/_features/annotate/annotateState";
import { Page, PlainServer, rules } from "./annotateWorld";

const version = (number: number, text = "Be kind.") => ({
  ...{ version: number, text, examples: [], change: "" },
  publishedAt: new Date(0),
});
const start = { rules, today: 0, outbox: [], pairs: [], wanted: 3, now: 0, guidelinesRead: 0 };

function opened(): Page {
  const page = new Page(new PlainServer(10));
  page.calm();
  return page;
}

test("new guidelines stand before the pair until they are read; no key judges it and its clock stands still", () => {
  const page = opened();
  page.server.unread = version(2);
  page.verdict(1);
  page.calm();
  expect(phaseOf(page.state)).toBe("guidelines");
  expect(currentPair(page.state)).toBeNull();
  expect(mayClaim(page.state)).toBe(false);
  const [made, spent] = [page.made.length, page.state.spentMs];
  page.verdict(1, 60_000);
  page.skip();
  page.undo();
  page.tell({ type: "visibility", visible: false }, 1_000);
  page.tell({ type: "visibility", visible: true }, 60_000);
  expect(page.made).toHaveLength(made);
  page.tell({ type: "guidelinesRead", id: "read" });
  expect(phaseOf(page.state)).toBe("judging");
  page.verdict(2, 1_000);
  // What was spent before the guidelines came, and the second since they were read.
  expect(page.made.at(-1)).toMatchObject({ kind: "vote", guidelineVersion: 2, durationMs: spent + 1_000 });
});

test("that they were read goes out before the votes that follow, and then there are new pairs", () => {
  const page = opened();
  page.server.unread = version(1);
  page.verdict(1);
  page.calm();
  page.tell({ type: "guidelinesRead", id: "read" }, 500);
  page.verdict(1);
  expect(page.made.map(({ kind }) => kind)).toEqual(["vote", "read", "vote"]);
  expect(page.made[1]).toMatchObject({ version: 1, readAt: page.now - 1_000 });
  page.calm();
  expect(page.state.outbox).toEqual([]);
  expect(page.state.pairs).toHaveLength(3);
});

test("a page opens with what is to be read, unless it is read already, also when that is not sent yet", () => {
  const opens = (over: object) => phaseOf(startState({ ...start, guidelines: version(3), ...over }));
  expect(opens({})).toBe("guidelines");
  expect(opens({ guidelinesRead: 2 })).toBe("guidelines");
  expect(opens({ guidelinesRead: 3 })).toBe("loading");
  expect(opens({ guidelines: version(3, " ") })).toBe("loading");
  const read = { kind: "read", submissionId: "r", order: 1, attempts: 0, assignmentId: null, version: 3, readAt: 1 };
  expect(opens({ outbox: [read] })).toBe("loading");
});

test("practice that is due comes before the pairs, and a new claim after it", () => {
  const page = opened();
  const practice = { done: 0, wanted: 2 };
  page.tell({ type: "claimed", pairs: [], rules, unread: null, practice });
  expect(phaseOf(page.state)).toBe("practice");
  page.verdict(1);
  expect(page.made).toEqual([]);
  page.tell({ type: "practised" });
  expect(phaseOf(page.state)).toBe("judging");
});
