import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { POST as releasePost } from "@/app/api/release/route";
import type { Db } from "@/db/client";
import { audit } from "@/db/schema/audit";
import { membership, project, user } from "@/db/schema/identity";
import { item } from "@/db/schema/items";
import { assignment } from "@/db/schema/tasks";
import type { App } from "@/server/app";
import { startSession } from "@/server/auth/auth";
import { queueClassOf } from "@/server/domain/sides";
import { authorize } from "@/server/services/access";
import { claimPairs, type Pair, submitVote, undoVote } from "@/server/services/annotate.service";
import { listHistory } from "@/server/services/ownVotes.service";
import { createResetLink, listPeople, removePerson, restorePerson, setRole } from "@/server/services/people.service";
import {
  createProject,
  getOverview,
  getProject,
  listProjects,
  updateProject,
} from "@/server/services/projects.service";
import { Browser, testApp } from "../../helpers/testApp";
import { seedCrowd } from "../../helpers/testDb";

let app: App;
let db: Db;
const now = new Date("2026-11-24T12:00:00Z");
const yesterday = new Date("2026-11-23T23:59:59Z");

beforeEach(() => {
  app = testApp();
  db = app.db;
});

const as = (id: string) => authorize(db, id, "p", "annotator");
const admin = (id = "owner") => authorize(db, id, "p", "admin");
const owner = (id = "owner") => authorize(db, id, "p", "owner");
const claim = (id: string, at = now) => claimPairs(db, as(id), { want: 1, holding: [] }, at).pairs[0];
const vote = (id: string, pair: Pair | undefined, verdict: number, at = now) =>
  submitVote(
    db,
    as(id),
    {
      ...(pair as Pair),
      submissionId: randomUUID(),
      verdict,
      bothBad: false,
      reason: null,
      criteria: {},
      durationMs: 1,
    },
    at,
  );
const items = () => db.select().from(item).all();
const actions = () =>
  db
    .select()
    .from(audit)
    .all()
    .map((row) => row.action);

function crowd(options: { annotators: number; items: number; overlap: number }): void {
  seedCrowd(db, options);
  db.insert(user).values({ id: "owner", name: "Owner", email: "owner@example.org" }).run();
  db.insert(membership).values({ projectId: "p", userId: "owner", role: "owner" }).run();
}

/** The queue's columns recounted from leases and votes. */
function expectQueueInStep(overlap: number): void {
  for (const row of items()) {
    const states = db.select().from(assignment).where(eq(assignment.itemId, row.id)).all();
    const taken = states.filter((a) => a.state === "leased" || a.state === "submitted").length;
    expect(row.openSlots).toBe(overlap - taken);
    expect(row.queueClass).toBe(queueClassOf({ balance: row.sideBalance, openSlots: row.openSlots }));
  }
}

test("raising the overlap opens finished items to those who have not judged them", () => {
  crowd({ annotators: 2, items: 4, overlap: 1 });
  for (let i = 0; i < 4; i++) vote("u0", claim("u0"), 1);
  expect(claim("u1")).toBeUndefined();
  updateProject(db, admin(), { overlap: 2 });
  expectQueueInStep(2);
  expect(claim("u0")).toBeUndefined();
  for (let i = 0; i < 4; i++) vote("u1", claim("u1"), 1);
  expect(claim("u1")).toBeUndefined();
  expect(items().map((row) => row.votes)).toEqual([2, 2, 2, 2]);
  expect(actions()).toContain("project.updated");
});

test("lowering the overlap takes nothing from anybody and gives nothing out beyond it", () => {
  crowd({ annotators: 4, items: 1, overlap: 3 });
  vote("u0", claim("u0"), 1);
  const [held, late] = [claim("u1"), claim("u2")];
  updateProject(db, admin(), { overlap: 1 });
  expectQueueInStep(1);
  expect(vote("u1", held, -1).stored).toBe("counted");
  // A lease that runs out now opens no slot: the item has more votes than are wanted.
  const afterLease = new Date(now.getTime() + 3_600_000);
  expect(claim("u3", afterLease)).toBeUndefined();
  expectQueueInStep(1);
  expect(vote("u2", late, 1, afterLease).stored).toBe("late");
  updateProject(db, admin(), { overlap: 3 });
  expectQueueInStep(3);
  expect(claim("u3", afterLease)).toBeDefined();
});

test("the overview and everybody's numbers, counted by hand", () => {
  crowd({ annotators: 3, items: 3, overlap: 2 });
  vote("u0", claim("u0", yesterday), 3, yesterday);
  vote("u0", claim("u0"), -2);
  vote("u0", claim("u0"), 1);
  undoVote(db, as("u0"), randomUUID(), now);
  vote("u1", claim("u1"), 0);
  expect(getOverview(db, admin(), now)).toMatchObject({
    items: 3,
    votes: 3,
    votesWanted: 6,
    late: 0,
    skipped: 0,
    annotators: 2,
    activeToday: 2,
    hasImport: false,
    snapshots: 0,
    runs: 0,
    models: 0,
  });
  const days = getOverview(db, admin(), now).votesPerDay;
  expect(days).toHaveLength(14);
  expect(days[0]).toEqual({ day: "2026-11-11", votes: 0 });
  expect(days.slice(-2)).toEqual([
    { day: "2026-11-23", votes: 1 },
    { day: "2026-11-24", votes: 2 },
  ]);
  expect(getProject(db, as("u0"), now)).toMatchObject({ role: "annotator", myVotes: 2, myVotesToday: 1 });
  expect(listProjects(db, "u0", now)).toMatchObject([{ id: "p", items: 3, votes: 3, votesWanted: 6, myVotesToday: 1 }]);
  expect(listProjects(db, "nobody", now)).toEqual([]);
  const history = listHistory(db, as("u0"), 10, now);
  expect(history).toMatchObject({ today: 1, total: 2 });
  // By the sides that were seen, newest first.
  expect(history.votes.map((v) => v.verdict)).toEqual([-2, 3]);
  const people = listPeople(db, admin(), now);
  expect(people.find((p) => p.userId === "u0")).toMatchObject({ votes: 2, votesToday: 1, lastVoteAt: now });
  expect(people.find((p) => p.userId === "u2")).toMatchObject({ votes: 0, lastVoteAt: null });
});

test("a new project belongs to whoever made it", () => {
  db.insert(user).values({ id: "owner", name: "Owner", email: "owner@example.org" }).run();
  const id = createProject(db, "owner", { name: "Poems" });
  expect(listProjects(db, "owner")).toMatchObject([{ id, name: "Poems", role: "owner", votesWanted: 0 }]);
  expect(actions()).toEqual(["project.created"]);
});

test("removing a person gives their pairs back at once and keeps their votes", () => {
  crowd({ annotators: 2, items: 2, overlap: 1 });
  vote("u0", claim("u0"), 1);
  const held = claim("u0");
  expect(claim("u1")).toBeUndefined();
  removePerson(db, admin(), "u0", now);
  expectQueueInStep(1);
  expect(() => as("u0")).toThrow("not_found");
  expect(claim("u1")?.itemId).toBe(held?.itemId);
  expect(listPeople(db, admin(), now).find((p) => p.userId === "u0")).toMatchObject({ votes: 1, revokedAt: now });
  restorePerson(db, admin(), "u0");
  expect(as("u0").role).toBe("annotator");
  expect(actions()).toEqual(["member.removed", "member.restored"]);
});

test("the last owner stays, and administrators leave owners and administrators alone", () => {
  crowd({ annotators: 2, items: 0, overlap: 1 });
  const lastOwner = expect.objectContaining({ code: "conflict", details: { reason: "last_owner" } });
  expect(() => setRole(db, owner(), "owner", "admin")).toThrow(lastOwner);
  expect(() => removePerson(db, admin(), "owner")).toThrow(lastOwner);
  setRole(db, owner(), "u0", "admin");
  setRole(db, owner(), "u1", "admin");
  expect(() => removePerson(db, admin("u0"), "u1")).toThrow("not_allowed");
  expect(() => removePerson(db, admin("u0"), "owner")).toThrow("not_allowed");
  setRole(db, owner(), "u0", "owner");
  setRole(db, owner("u0"), "owner", "annotator");
  expect(as("owner").role).toBe("annotator");
});

test("a reset link opens nothing beyond the owner's own projects", () => {
  crowd({ annotators: 2, items: 0, overlap: 1 });
  db.insert(project).values({ id: "q", name: "Other" }).run();
  db.insert(membership).values({ projectId: "q", userId: "u1", role: "owner" }).run();
  db.insert(user).values({ id: "root", name: "Root", email: "root@example.org", instanceRole: "admin" }).run();
  db.insert(membership).values({ projectId: "p", userId: "root", role: "owner" }).run();
  const { expiresAt } = createResetLink(db, owner(), "u0", now);
  expect(expiresAt.getTime() - now.getTime()).toBe(3_600_000);
  const because = (reason: string) => expect.objectContaining({ code: "not_allowed", details: { reason } });
  expect(() => createResetLink(db, owner(), "u1", now)).toThrow(because("other_projects"));
  expect(() => createResetLink(db, owner(), "root", now)).toThrow(because("instance_admin"));
  createResetLink(db, owner("root"), "u1", now);
  expect(actions()).toEqual(["reset_link.created", "reset_link.created"]);
});

test("the closing page's beacon gives its pairs back", async () => {
  crowd({ annotators: 2, items: 1, overlap: 1 });
  const held = claim("u0", new Date()) as Pair;
  const browser = new Browser(app);
  const signedIn = new Response();
  for (const line of await startSession(app, "u0", new Headers())) signedIn.headers.append("set-cookie", line);
  browser.keep(signedIn);
  const body = { projectId: "p", leases: [{ assignmentId: held.assignmentId, leaseToken: held.leaseToken }] };
  const response = await releasePost(browser.post("/api/release", body, { "content-type": "text/plain" }));
  expect(response.status).toBe(204);
  expect(claim("u1", new Date())?.itemId).toBe("i0");
});
