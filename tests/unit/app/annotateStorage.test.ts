import "fake-indexeddb/auto";
import { TRPCClientError } from "@trpc/client";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import { failureOf } from "@/app/_features/annotate/annotateCalls";
import { type Browser, openAnnotateStorage } from "@/app/_features/annotate/annotateStorage";
import { forgetKeptPairs, openKeptStore } from "@/app/_features/annotate/keptStore";
import { newId } from "@/app/_features/annotate/newId";
import type { Entry, Pair } from "@/app/_features/annotate/outbox";
import { endInView, linkedTop, scrollStep } from "@/app/_features/annotate/seen";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

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
    criteria: {},
    durationMs: 10,
    guidelineVersion: null,
    ...over,
  }) as Entry;

/** What `navigator.locks` is, as far as we use it: one for a browser, with the death of a page told to it. */
class MemoryLocks {
  private readonly held = new Map<string, () => void>();
  async request(name: string, _options: LockOptions, use: (lock: Lock | null) => unknown): Promise<void> {
    if (this.held.has(name)) return void (await use(null));
    this.held.set(name, () => {});
    await use({ name, mode: "exclusive" });
    this.held.delete(name);
  }
  query = async () => ({ held: [...this.held.keys()].map((name) => ({ name })) });
  pageDies = () => this.held.clear();
}

const browser = (given: Partial<Record<keyof Browser, unknown>> = {}): Browser =>
  ({ local: new MemoryStore(), session: new MemoryStore(), locks: null, ...given }) as Browser;

const scope = { projectId: "p", userId: "u" };
const pairOf = (assignmentId: string): Pair => ({
  assignmentId,
  leaseToken: "t",
  itemId: `item-${assignmentId}`,
  prompt: [{ role: "user", content: "?" }],
  left: [{ role: "assistant", content: "l" }],
  right: [{ role: "assistant", content: "r" }],
});
const idsOf = (pairs: readonly Pair[]) => pairs.map((pair) => pair.assignmentId);

test("two tabs write one outbox without losing each other's votes; a new page reads both in order", async () => {
  const [a, b] = [await openAnnotateStorage(scope, browser()), await openAnnotateStorage(scope, browser())];
  const [first, second, third] = [vote("z", 1), vote("b", 2), vote("a", 3)];
  expect(await a.saveOutbox([], [first])).toBe(true);
  await b.saveOutbox([], [second]);
  await a.saveOutbox([first], [first, third]);
  await b.saveOutbox([second], []); // acknowledged there
  expect((await openAnnotateStorage(scope, browser())).outbox).toEqual([first, third]);
});

test("another person on the same computer, and another project, see none of it", async () => {
  const mine = await openAnnotateStorage(scope, browser());
  await mine.saveOutbox([], [vote("a", 1)]);
  mine.savePairs([], [pairOf("1")]);
  for (const other of [
    { ...scope, userId: "v" },
    { ...scope, projectId: "q" },
    { projectId: "p.u", userId: "" },
  ]) {
    const { outbox, pairs } = await openAnnotateStorage(other, browser({ locks: new MemoryLocks() }));
    expect({ outbox, pairs }).toEqual({ outbox: [], pairs: [] });
  }
});

test("what is damaged is passed over; a browser that keeps nothing says so", async () => {
  const storage = await openAnnotateStorage(scope, browser());
  await storage.saveOutbox([], [vote("a", 1)]);
  const kept = await openKeptStore("p.u");
  await kept.writeOutbox([{ kind: "vote", submissionId: "x" } as Entry], []);
  expect((await openAnnotateStorage(scope, browser())).outbox.map((entry) => entry.submissionId)).toEqual(["a"]);
  vi.spyOn(globalThis.indexedDB, "open").mockImplementation(() => {
    throw new DOMException("not here", "SecurityError");
  });
  const none = await openAnnotateStorage(scope, browser({ local: null, session: null }));
  expect(await none.saveOutbox([], [vote("b", 2)])).toBe(false);
});

test("pairs outlive a reload in their own tab, in their order, and its removals", async () => {
  const session = new MemoryStore();
  const before = await openAnnotateStorage(scope, browser({ session }));
  const [one, two, three] = [pairOf("1"), pairOf("2"), pairOf("3")];
  before.savePairs([], [two, one]);
  before.savePairs([two, one], [one, three]);
  before.close();
  expect(idsOf((await openAnnotateStorage(scope, browser({ session }))).pairs)).toEqual(["1", "3"]);
  expect((await openAnnotateStorage(scope, browser())).pairs).toEqual([]);
});

test("the pairs of tabs that died are taken over, once; those of an open tab are not", async () => {
  const [local, locks] = [new MemoryStore(), new MemoryLocks()];
  const dying = await openAnnotateStorage(scope, browser({ local, locks }));
  dying.savePairs([], [pairOf("1"), pairOf("2")]);
  locks.pageDies();
  const heir = await openAnnotateStorage(scope, browser({ local, locks }));
  expect(idsOf(heir.pairs)).toEqual(["1", "2"]);
  expect((await openAnnotateStorage(scope, browser({ local, locks }))).pairs).toEqual([]);
});

test("a copied tab copies the name but not the pairs: it gets a name of its own", async () => {
  const [local, locks, session] = [new MemoryStore(), new MemoryLocks(), new MemoryStore()];
  const first = await openAnnotateStorage(scope, browser({ local, locks, session }));
  first.savePairs([], [pairOf("1")]);
  const copy = await openAnnotateStorage(scope, browser({ local, locks, session }));
  expect(copy.pairs).toEqual([]);
});

test("pairs that were given back when their page was left are not shown again; those claimed after are", async () => {
  const [local, session] = [new MemoryStore(), new MemoryStore()];
  const left = await openAnnotateStorage(scope, browser({ local, session }));
  left.savePairs([], [pairOf("1")]);
  left.forgetPairs();
  const next = await openAnnotateStorage(scope, browser({ local, session }));
  expect(next.pairs).toEqual([]);
  next.forgetPairs(); // left again, then back from the browser's cache
  next.savePairs([], [pairOf("2")]);
  expect(idsOf((await openAnnotateStorage(scope, browser({ local, session }))).pairs)).toEqual(["2"]);
});

test("signing out leaves no pair behind, and every vote", async () => {
  const session = new MemoryStore();
  const storage = await openAnnotateStorage(scope, browser({ session }));
  await storage.saveOutbox([], [vote("a", 1)]);
  storage.savePairs([], [pairOf("1")]);
  await forgetKeptPairs();
  const { outbox, pairs } = await openAnnotateStorage(scope, browser({ session }));
  expect({ votes: outbox.length, pairs }).toEqual({ votes: 1, pairs: [] });
});

test("a new entry in another tab names its pair; retries and removals say nothing", async () => {
  const [here, there] = [await openAnnotateStorage(scope, browser()), await openAnnotateStorage(scope, browser())];
  const heard: unknown[] = [];
  here.onElsewhere((change) => heard.push(change));
  const first = vote("a", 1);
  const undo: Entry = { kind: "undo", submissionId: "b", order: 2, attempts: 0, target: "a", assignmentId: "of-a" };
  await there.saveOutbox([], [first]);
  await there.saveOutbox([first], [{ ...first, attempts: 1 }]);
  await there.saveOutbox([{ ...first, attempts: 1 }], []);
  await there.saveOutbox([], [undo]);
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard).toEqual([
    { assignmentId: "of-a", answered: true },
    { assignmentId: "of-a", answered: false },
  ]);
  for (const storage of [here, there]) storage.close();
});

test("a closing tab keeps its hands off pairs that another open tab holds, but not those of one long gone", async () => {
  const local = new MemoryStore();
  const [me, other, gone] = [
    await openAnnotateStorage(scope, browser({ local })),
    await openAnnotateStorage(scope, browser({ local })),
    await openAnnotateStorage(scope, browser({ local })),
  ];
  me.reportTab(["1", "2"], 1_000_000);
  other.reportTab(["2"], 990_000);
  gone.reportTab(["1"], 1_000_000 - 150_000);
  expect([...me.heldElsewhere(1_000_000)]).toEqual(["2"]);
  expect(local.keys()).toHaveLength(2);
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
