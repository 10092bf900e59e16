import { expect, test } from "vitest";
import { connectionOf, phaseOf, spentMs, votesToday } from "@/app/_features/annotate/annotateState";
import { Page, PlainServer, rules } from "./annotateWorld";

function opened(items = 10, over = {}) {
  const page = new Page(new PlainServer(items), { ...rules, ...over });
  page.calm();
  return page;
}
const shows = (page: Page) => page.state.pairs.map((pair) => pair.assignmentId);
const verdicts = (page: Page) => page.server.votes.map((vote) => [vote.assignmentId, vote.verdict, vote.undone]);

test("a verdict shows the next pair before the server has answered, and is sent once", () => {
  const page = opened();
  expect(shows(page)).toEqual(["a0", "a1", "a2"]);
  page.verdict(-2);
  expect(shows(page)).toEqual(["a1", "a2"]);
  expect(page.state.toast).toMatchObject({ kind: "saved", verdict: -2 });
  expect(connectionOf(page.state)).toBe("saving");
  expect(votesToday(page.state)).toBe(1);
  page.calm();
  expect(verdicts(page)).toEqual([["a0", -2, false]]);
  expect(shows(page)).toEqual(["a1", "a2", "a3"]);
  expect(connectionOf(page.state)).toBe("online");
  expect(votesToday(page.state)).toBe(1);
});

test("a lost answer: the retry carries the same id and the vote is stored once", () => {
  const page = opened();
  page.verdict(3);
  page.deliver("lostAnswer");
  expect(connectionOf(page.state)).toBe("retrying");
  expect(page.state.outbox).toMatchObject([{ submissionId: "s1", attempts: 1 }]);
  page.tell({ type: "tick" }, 999);
  expect(page.pending).toEqual([]); // 1 s of back-off at random = ½
  page.tell({ type: "tick" }, 1);
  expect(page.pending).toMatchObject([{ do: "send", entry: { submissionId: "s1" } }]);
  page.calm();
  expect(verdicts(page)).toEqual([["a0", 3, false]]);
});

test("two presses 20 ms apart give one vote", () => {
  const page = opened();
  page.verdict(1);
  page.verdict(1, 20);
  expect(page.state.outbox).toHaveLength(1);
  expect(shows(page)).toEqual(["a1", "a2"]);
});

test("undo while the vote is on its way: both arrive in order and the new verdict stands", () => {
  const page = opened();
  page.verdict(-3);
  page.undo(400);
  expect(shows(page)).toEqual(["a0", "a1", "a2"]);
  expect(page.state).toMatchObject({ earlier: -3, seen: { left: true, right: true } });
  expect(page.pending).toHaveLength(1);
  page.tell({ type: "verdict", verdict: 2, id: page.id() }, 400);
  page.calm();
  expect(page.made.map((entry) => entry.kind)).toEqual(["vote", "undo", "vote"]);
  expect(verdicts(page)).toEqual([
    ["a0", -3, true],
    ["a0", 2, false],
  ]);
  expect(votesToday(page.state)).toBe(1);
});

test("offline, three votes wait and leave in order when the network returns", () => {
  const page = opened();
  page.tell({ type: "network", online: false });
  page.verdict(-1);
  page.deliver("lostRequest");
  page.verdict(0, 300);
  page.verdict("bad", 300);
  expect(connectionOf(page.state)).toBe("offline");
  expect(phaseOf(page.state)).toBe("cutOff"); // nothing to show, and not "nothing left"
  expect(votesToday(page.state)).toBe(3);
  page.tell({ type: "network", online: true }); // at once: no waiting for the back-off
  expect(page.pending).toHaveLength(1);
  page.calm();
  expect(verdicts(page)).toEqual([
    ["a0", -1, false],
    ["a1", 0, false],
    ["a2", "bad", false],
  ]);
  expect(shows(page)).toEqual(["a3", "a4", "a5"]);
});

test("a reload sends what was unsent under its old id and shows the same pair", () => {
  const page = opened();
  page.verdict(2);
  page.reload(true); // the vote arrived, its answer did not
  expect(page.state.outbox).toMatchObject([{ submissionId: "s1" }]);
  expect(shows(page)).toEqual(["a1", "a2"]);
  page.calm();
  expect(page.state.outbox).toEqual([]);
  expect(verdicts(page)).toEqual([["a0", 2, false]]);
});

test("undo after a reload asks the server for the pair and its verdict", () => {
  const page = opened();
  page.verdict(2);
  page.calm();
  page.reload(true);
  page.calm();
  page.undo();
  expect(page.state.notice?.kind).toBe("undoPending");
  page.calm();
  expect(shows(page)[0]).toBe("a0");
  expect(page.state.earlier).toBe(2);
});

test("a vote that came late is told, not counted, and its undo does not reach the vote before it", () => {
  const page = opened();
  page.verdict(1);
  page.calm();
  page.verdict(2);
  page.undo(400);
  expect(shows(page)[0]).toBe("a1");
  page.pending = [];
  page.tell({ type: "sent", submissionId: "s2", answer: { kind: "vote", stored: "late", replayed: false } });
  expect(page.state.notice?.kind).toBe("late");
  expect(page.state.outbox).toEqual([]);
  expect(shows(page)[0]).toBe("a2");
  expect(votesToday(page.state)).toBe(1);
  expect(verdicts(page)).toEqual([["a0", 1, false]]);
});

test("a refused vote is told and leaves the outbox; later ones are still sent", () => {
  const page = opened();
  page.verdict(1);
  page.verdict(2);
  page.pending = [];
  page.tell({
    type: "sendFailed",
    submissionId: "s1",
    failure: { kind: "refused", code: "already_judged" },
    random: 0.5,
  });
  expect(page.state.notice?.kind).toBe("alreadyJudged");
  expect(page.pending).toMatchObject([{ do: "send", entry: { submissionId: "s2" } }]);
  expect(votesToday(page.state)).toBe(1);
});

test("signed out: votes are kept, nothing is tried until the person comes back", () => {
  const page = opened();
  page.verdict(1);
  page.pending = [];
  const failure = { kind: "blocked" as const, code: "not_signed_in" as const };
  page.tell({ type: "sendFailed", submissionId: "s1", failure, random: 0.5 });
  page.tell({ type: "tick" }, 120_000);
  expect(connectionOf(page.state)).toBe("stopped");
  expect(page.pending).toEqual([]);
  page.tell({ type: "recheck" });
  page.calm();
  expect(verdicts(page)).toEqual([["a0", 1, false]]);
});

test("nothing left, then new pairs: the page looks again every 20 s and when asked", () => {
  const page = opened(1);
  page.verdict(1);
  page.calm();
  expect(phaseOf(page.state)).toBe("empty");
  const server = page.server as { items: number };
  server.items = 3;
  page.tell({ type: "tick" }, 19_000);
  expect(page.pending).toEqual([]);
  page.tell({ type: "tick" }, 1_000);
  page.calm();
  expect(phaseOf(page.state)).toBe("judging");
  expect(shows(page)).toEqual(["a1", "a2"]);
  server.items = 4;
  page.tell({ type: "recheck" });
  page.calm();
  expect(shows(page)).toEqual(["a1", "a2", "a3"]);
});

test("a verdict counts only once both answers were seen; pressing again does not get past", () => {
  const page = opened();
  const assignmentId = "a0";
  const press = (after: number) => page.tell({ type: "verdict", verdict: 3, id: page.id() }, after);
  page.tell({ type: "seen", assignmentId, side: "left" });
  press(1_000);
  press(2_000);
  expect(page.state).toMatchObject({ hint: true, outbox: [] });
  page.tell({ type: "seen", assignmentId: "a1", side: "right" }); // of another pair
  press(1_000);
  expect(page.state.outbox).toEqual([]);
  page.tell({ type: "seen", assignmentId, side: "right" });
  expect(page.state.hint).toBe(false);
  press(1_000);
  expect(page.state.outbox).toHaveLength(1);
  expect(page.state.seen).toEqual({ left: false, right: false });
});

test("a required reason: the verdict waits for it, Enter sends both", () => {
  const page = opened(10, { reasonRequired: true });
  page.verdict(-1);
  expect(page.state).toMatchObject({ outbox: [], reason: { open: true, pending: -1 } });
  page.tell({ type: "reasonEntered", id: page.id() });
  expect(page.state.outbox).toEqual([]);
  page.tell({ type: "reasonWritten", text: "  shorter and right " });
  page.tell({ type: "reasonEntered", id: page.id() });
  expect(page.state.outbox).toMatchObject([{ verdict: -1, reason: "shorter and right" }]);
  expect(page.state.reason).toEqual({ text: "", open: false, pending: null });
});

test("the clock of a pair stands while the tab is hidden", () => {
  const page = opened();
  page.see();
  page.tell({ type: "visibility", visible: false }, 2_000);
  page.tell({ type: "visibility", visible: true }, 60_000);
  expect(spentMs(page.state, page.now + 500)).toBe(2_500);
  page.verdict(1, 500);
  expect(page.state.outbox).toMatchObject([{ durationMs: 2_500 }]);
});

test("leases are renewed at half their time; lost ones are replaced, the pair being read stays", () => {
  const page = opened();
  page.tell({ type: "active" }, 449_999);
  expect(page.pending).toEqual([]);
  page.tell({ type: "active" }, 1);
  expect(page.pending).toMatchObject([{ do: "renew", leases: [{}, {}, {}] }]);
  for (const id of ["a0", "a1"]) (page.server.leases.get(id) as { state: string }).state = "released";
  page.deliver();
  expect(page.state).toMatchObject({ leaseLost: true, notice: { kind: "leaseLost" } });
  expect(shows(page)).toEqual(["a0", "a2"]);
  page.verdict(1);
  page.calm();
  expect(verdicts(page)).toEqual([["a0", 1, false]]);
});

test("someone who touches nothing for a whole lease is away: pairs go back, the outbox does not", () => {
  const page = opened();
  page.verdict(1);
  page.deliver("lostRequest");
  page.tell({ type: "tick" }, 900_001);
  // Nobody hears that they go back: on a device without a network they stay in hand.
  expect(phaseOf(page.state)).toBe("judging");
  page.calm();
  expect(phaseOf(page.state)).toBe("paused");
  expect(page.server.leases.get("a1")?.state).toBe("released");
  expect(verdicts(page)).toEqual([["a0", 1, false]]);
  page.tell({ type: "resume" });
  page.calm();
  expect(phaseOf(page.state)).toBe("judging");
});

test("who takes pairs along gets as many as they want, keeps them through a reload, and then only the next ones", () => {
  const page = new Page(new PlainServer(30));
  page.calm();
  page.tell({ type: "stockWanted", pairs: 20 });
  page.deliver();
  expect(page.state.pairs).toHaveLength(20);
  for (let i = 0; i < 12; i++) {
    page.verdict(1);
    page.deliver("lostRequest");
  }
  page.reload(false);
  expect(page.state.pairs).toHaveLength(8);
  page.calm();
  expect(page.state.pairs).toHaveLength(18); // 30 less the 12 that were judged
  page.tell({ type: "stockWanted", pairs: 3 });
  for (let i = 0; i < 16; i++) page.verdict(1);
  page.calm();
  expect(page.state.pairs).toHaveLength(2);
});

const asBefore = (page: Page) => ({ rules: page.state.rules, unread: null, practice: null });

test("another tab's vote takes the pair off this page, and a claim under way does not bring it back", () => {
  const page = opened();
  page.tell({ type: "elsewhere", assignmentId: "a0", answered: true });
  expect(page.state.notice?.kind).toBe("elsewhere");
  expect(shows(page)).toEqual(["a1", "a2"]);
  page.pending = [];
  page.tell({ type: "claimed", pairs: [page.server.pair("a0")], ...asBefore(page) });
  expect(shows(page)).toEqual(["a1", "a2"]);
  page.tell({ type: "elsewhere", assignmentId: "a0", answered: false });
  page.tell({ type: "claimed", pairs: [page.server.pair("a0")], ...asBefore(page) });
  expect(shows(page)).toEqual(["a1", "a2", "a0"]);
});

test("undo does not silently reach behind a skip", () => {
  const page = opened();
  page.verdict(1);
  page.skip();
  page.undo();
  expect(page.state.notice?.kind).toBe("skipIsFinal");
  expect(page.made.map((entry) => entry.kind)).toEqual(["vote", "skip"]);
  page.undo();
  page.calm();
  expect(shows(page)[0]).toBe("a0");
});

test("undo is answered at once: an older notice makes way, a word about the pace comes again later", () => {
  const page = opened();
  page.verdict(1);
  page.calm();
  page.state = {
    ...page.state,
    notice: { kind: "tooQuick", until: page.now + 8_000 },
    pace: { ...page.state.pace, warned: true },
  };
  page.undo();
  expect(page.state).toMatchObject({ notice: null, toast: { kind: "undone" }, pace: { warned: false } });
});
