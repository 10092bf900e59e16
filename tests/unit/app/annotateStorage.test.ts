import { TRPCClientError } from "@trpc/client";
import { expect, test } from "vitest";
import { failureOf } from "@/app/_features/annotate/annotateCalls";
import { annotateStorage } from "@/app/_features/annotate/annotateStorage";
import { newId } from "@/app/_features/annotate/newId";
import type { Entry, Pair } from "@/app/_features/annotate/outbox";
import { endInView, linkedTop, scrollStep } from "@/app/_features/annotate/seen";

/** What `localStorage` is, as far as we use it. */
class MemoryStore {
  private readonly map = new Map<string, string>();
  full = false;
  get length() {
    return this.map.size;
  }
  key = (i: number) => [...this.map.keys()][i] ?? null;
  getItem = (key: string) => this.map.get(key) ?? null;
  removeItem = (key: string) => void this.map.delete(key);
  setItem = (key: string, value: string) => {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this.map.set(key, value);
  };
  keys = () => [...this.map.keys()];
}

const vote = (submissionId: string, order: number, over: Partial<Entry> = {}): Entry =>
  ({
    kind: "vote",
    submissionId,
    order,
    attempts: 0,
    assignmentId: `of-${submissionId}`,
    leaseToken: "t",
    verdict: -2,
    reason: null,
    durationMs: 10,
    ...over,
  }) as Entry;

const scope = { projectId: "p", userId: "u" };

test("two tabs write one outbox without losing each other's votes; a new page reads both in order", () => {
  const local = new MemoryStore();
  const [a, b] = [annotateStorage(scope, local, null), annotateStorage(scope, local, null)];
  const [first, second, third] = [vote("z", 1), vote("b", 2), vote("a", 3)];
  a.saveOutbox([], [first]);
  b.saveOutbox([], [second]);
  a.saveOutbox([first], [first, third]);
  b.saveOutbox([second], []); // acknowledged there
  expect(annotateStorage(scope, local, null).loadOutbox()).toEqual([first, third]);
});

test("another person on the same computer, and another project, see none of it", () => {
  const local = new MemoryStore();
  annotateStorage(scope, local, null).saveOutbox([], [vote("a", 1)]);
  expect(annotateStorage({ ...scope, userId: "v" }, local, null).loadOutbox()).toEqual([]);
  expect(annotateStorage({ ...scope, projectId: "q" }, local, null).loadOutbox()).toEqual([]);
});

test("what is damaged is passed over; a store that is full or absent says so", () => {
  const local = new MemoryStore();
  const storage = annotateStorage(scope, local, null);
  storage.saveOutbox([], [vote("a", 1)]);
  local.setItem("tiebreak.outbox.p.u.x", "{");
  local.setItem("tiebreak.outbox.p.u.y", '{"kind":"vote"}');
  expect(storage.loadOutbox().map((entry) => entry.submissionId)).toEqual(["a"]);
  local.full = true;
  expect(storage.saveOutbox([], [vote("b", 2)])).toBe(false);
  expect(annotateStorage(scope, null, null).saveOutbox([], [vote("b", 2)])).toBe(false);
});

test("pairs outlive a reload in their own tab", () => {
  const text = (content: string) => [{ role: "assistant" as const, content }];
  const pair: Pair = {
    assignmentId: "1",
    leaseToken: "t",
    itemId: "i",
    prompt: [{ role: "user", content: "?" }],
    left: text("l"),
    right: text("r"),
  };
  const session = new MemoryStore();
  annotateStorage(scope, null, session).savePairs([pair]);
  expect(annotateStorage(scope, null, session).loadPairs()).toEqual([pair]);
  expect(annotateStorage(scope, null, new MemoryStore()).loadPairs()).toEqual([]);
});

test("a new entry in another tab names its pair; retries and removals say nothing", () => {
  const storage = annotateStorage(scope, new MemoryStore(), null);
  const key = "tiebreak.outbox.p.u.a";
  const text = JSON.stringify(vote("a", 1));
  expect(storage.readChange({ key, oldValue: null, newValue: text })).toEqual({ assignmentId: "of-a", answered: true });
  const undo = JSON.stringify({
    kind: "undo",
    submissionId: "b",
    order: 2,
    attempts: 0,
    target: "a",
    assignmentId: "of-a",
  });
  expect(storage.readChange({ key, oldValue: null, newValue: undo })).toEqual({
    assignmentId: "of-a",
    answered: false,
  });
  expect(storage.readChange({ key, oldValue: text, newValue: text })).toBeNull();
  expect(storage.readChange({ key, oldValue: text, newValue: null })).toBeNull();
  expect(storage.readChange({ key: "other", oldValue: null, newValue: text })).toBeNull();
});

test("a closing tab keeps its hands off pairs that another open tab holds, but not those of one long gone", () => {
  const local = new MemoryStore();
  const storage = annotateStorage(scope, local, null);
  storage.reportTab("me", ["1", "2"], 1_000_000);
  storage.reportTab("other", ["2"], 990_000);
  storage.reportTab("gone", ["1"], 1_000_000 - 150_000);
  expect([...storage.heldElsewhere("me", 1_000_000)]).toEqual(["2"]);
  expect(local.keys().some((key) => key.endsWith("gone"))).toBe(false);
});

test("what is tried again, what is refused, and what waits for the person", () => {
  const answered = (httpStatus: number, domain: object | null) =>
    Object.assign(new TRPCClientError("x"), { data: { httpStatus, domain } });
  expect(failureOf(new TRPCClientError("fetch failed"))).toEqual({ kind: "network" });
  expect(failureOf(answered(500, null))).toEqual({ kind: "network" });
  expect(failureOf(answered(429, { code: "too_many_requests" }))).toEqual({ kind: "network" });
  expect(failureOf(answered(409, { code: "already_judged" }))).toEqual({ kind: "refused", code: "already_judged" });
  expect(failureOf(answered(409, { code: "conflict" }))).toEqual({ kind: "refused", code: "conflict" });
  expect(failureOf(answered(401, { code: "not_signed_in" }))).toEqual({ kind: "blocked", code: "not_signed_in" });
  const missing = (what: string) => failureOf(answered(404, { code: "not_found", details: { what } }));
  expect(missing("project")).toEqual({ kind: "blocked", code: "not_found" });
  expect(missing("assignment")).toEqual({ kind: "refused", code: "not_found" });
});

test("an answer is seen when its end was in view or all of it fits; one that is not laid out is not", () => {
  expect(endInView({ scrollTop: 0, clientHeight: 500, scrollHeight: 500 })).toBe(true);
  expect(endInView({ scrollTop: 480, clientHeight: 500, scrollHeight: 1000 })).toBe(false);
  expect(endInView({ scrollTop: 489, clientHeight: 500, scrollHeight: 1000 })).toBe(true);
  expect(endInView({ scrollTop: 0, clientHeight: 0, scrollHeight: 0 })).toBe(false);
});

test("linked answers begin and end together, however long each is", () => {
  const to = { clientHeight: 500, scrollHeight: 2500 };
  const from = (scrollTop: number) => ({ scrollTop, clientHeight: 500, scrollHeight: 1500 });
  expect([0, 250, 1000, 1100].map((top) => linkedTop(from(top), to))).toEqual([0, 500, 2000, 2000]);
  expect(linkedTop({ scrollTop: 0, clientHeight: 500, scrollHeight: 500 }, to)).toBe(0);
});

test("space pages down, with Shift up; letters do not scroll", () => {
  expect(scrollStep(" ", false, 400)).toBe(340);
  expect(scrollStep(" ", true, 400)).toBe(-340);
  expect(scrollStep("b", false, 400)).toBeNull();
});

test("ids are version 4 UUIDs, also where the browser makes none itself", () => {
  const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
  expect(newId()).toMatch(uuid);
  const own = crypto.randomUUID;
  try {
    Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
    for (let i = 0; i < 50; i++) expect(newId()).toMatch(uuid);
  } finally {
    Object.defineProperty(crypto, "randomUUID", { value: own, configurable: true });
  }
});
