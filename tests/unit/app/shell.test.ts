import { describe, expect, it } from "vitest";
import { safeNext } from "@/app/_features/auth/safeNext";
import { nextSteps } from "@/app/_features/overview/nextSteps";
import { memberRights } from "@/app/_features/people/memberRights";
import { changesOf, draftOf, problemsOf } from "@/app/_features/settings/settingsDraft";
import { areasFor, homeOf, readPlace } from "@/app/_features/shell/navigation";
import { filterEntries, type PaletteEntry } from "@/app/_features/shell/paletteEntries";
import { HttpError, readError } from "@/app/_ui/appError";
import { smooth, spread } from "@/app/_ui/chartSeries";
import { chooseLocale } from "@/i18n/locale";

describe("where sign-in leads", () => {
  it.each([
    ["/projects/p1/compare", "/projects/p1/compare"],
    ["/runs?run=1&x=%2F", "/runs?run=1&x=%2F"],
    ["//evil.example/x", "/projects"],
    ["/\\evil.example", "/projects"],
    ["/\t/evil.example", "/projects"],
    ["https://evil.example", "/projects"],
    ["javascript:alert(1)", "/projects"],
    [["/a", "/b"], "/projects"],
    [undefined, "/projects"],
  ])("%s → %s", (next, path) => expect(safeNext(next)).toBe(path));
});

describe("the language", () => {
  it.each([
    [undefined, "zh-CN,zh;q=0.9,en;q=0.8", "zh"],
    [undefined, "de,en;q=0.5,zh;q=0.7", "zh"],
    [undefined, "zh;q=0,fr", "en"],
    [undefined, null, "en"],
    ["en", "zh", "en"],
    ["xx", "zh", "zh"],
  ] as const)("cookie %s, browser %s → %s", (cookie, header, locale) => {
    expect(chooseLocale(cookie, header)).toBe(locale);
  });
});

describe("places", () => {
  it("knows a page by its address", () => {
    expect(readPlace("/projects")).toEqual({ projectId: null, area: null });
    expect(readPlace("/projects/p1")).toEqual({ projectId: "p1", area: "overview" });
    expect(readPlace("/projects/p1/runs/r1")).toEqual({ projectId: "p1", area: "runs" });
    expect(readPlace("/projects/p1/import")).toEqual({ projectId: "p1", area: "items" });
    expect(readPlace("/projects/p1/elsewhere")).toEqual({ projectId: "p1", area: null });
  });

  it("shows annotators the pairs and nothing else", () => {
    expect(areasFor("annotator").map((area) => area.key)).toEqual(["compare"]);
    expect(homeOf("p1", "annotator")).toBe("/projects/p1/compare");
    expect(homeOf("p1", "owner")).toBe("/projects/p1");
  });

  it("finds by words in any order, beginnings first", () => {
    const entries = ["All runs", "Runs", "Datasets"].map((label): PaletteEntry => {
      return { key: label, group: "pages", label, href: "/" };
    });
    expect(filterEntries(entries, "run").map((entry) => entry.label)).toEqual(["Runs", "All runs"]);
    expect(filterEntries(entries, "runs all").map((entry) => entry.label)).toEqual(["All runs"]);
    expect(filterEntries(entries, " ")).toEqual(entries);
  });
});

describe("the next step", () => {
  const empty = { items: 0, annotators: 1, votes: 0, votesWanted: 0, snapshots: 0, runs: 0, models: 1 };
  const next = (counts: Partial<typeof empty>) =>
    nextSteps({ ...empty, ...counts }, { demo: false }).find((step) => step.state === "next")?.key;
  it("goes from import to the playground", () => {
    expect(next({})).toBe("import");
    expect(next({ items: 200, votesWanted: 600 })).toBe("invite");
    expect(next({ items: 200, votesWanted: 600, annotators: 3 })).toBe("compare");
    expect(next({ items: 200, votesWanted: 600, annotators: 3, votes: 49 })).toBe("compare");
    expect(next({ items: 200, votesWanted: 600, annotators: 3, votes: 50 })).toBe("snapshot");
    expect(next({ items: 200, votesWanted: 600, annotators: 3, votes: 50, snapshots: 1 })).toBe("train");
    expect(next({ items: 200, votesWanted: 600, annotators: 3, votes: 50, snapshots: 1, runs: 1 })).toBe("try");
  });
  it("lets someone vote alone, and a small project finish", () => {
    expect(next({ items: 8, votesWanted: 8, votes: 3 })).toBe("compare");
    expect(next({ items: 8, votesWanted: 8, votes: 8 })).toBe("snapshot");
  });
});

describe("the next step of a demo", () => {
  const counts = { items: 80, annotators: 1, votes: 0, votesWanted: 80, snapshots: 0, runs: 0, models: 1 };
  it("is to label its pairs, or to train on the snapshot that is there; nobody is to be invited", () => {
    const steps = nextSteps(counts, { demo: true });
    expect(steps.find(({ state }) => state === "next")?.key).toBe("compare");
    expect(steps.map(({ key }) => key)).not.toContain("invite");
    const labelled = nextSteps({ ...counts, items: 2000, votesWanted: 2000, snapshots: 1 }, { demo: true });
    expect(labelled.find(({ state }) => state === "next")?.key).toBe("train");
  });
});

describe("members", () => {
  it("offers what the server allows", () => {
    const annotator = { role: "annotator", removed: false, isMe: false } as const;
    const none = { setRole: false, remove: false, restore: false, resetLink: false, personalData: false };
    expect(memberRights("admin", annotator)).toEqual({ ...none, remove: true });
    expect(memberRights("admin", { ...annotator, role: "admin" })).toEqual(none);
    expect(memberRights("admin", { ...annotator, removed: true })).toEqual({ ...none, restore: true });
    expect(memberRights("owner", { ...annotator, role: "owner" })).toEqual({
      ...none,
      setRole: true,
      remove: true,
      resetLink: true,
      personalData: true,
    });
    expect(memberRights("owner", { ...annotator, removed: true })).toMatchObject({ restore: true, personalData: true });
    expect(memberRights("owner", { ...annotator, role: "owner", isMe: true })).toEqual({ ...none, setRole: true });
  });
});

describe("settings", () => {
  const saved = {
    name: "Tone",
    description: "",
    overlap: 3,
    allowBothBad: true,
    reasonRequired: false,
    verdictSteps: 7,
    reasonChoices: [],
    criteria: ["Tone"],
    changeMinutes: 1440,
    leaseSeconds: 100,
  };
  it("sends what changed and nothing else", () => {
    const draft = draftOf(saved);
    expect(draft.leaseMinutes).toBe("1.67");
    expect(changesOf(draft, saved)).toEqual({});
    expect(changesOf({ ...draft, name: " Tone ", overlap: "5", leaseMinutes: "2.5" }, saved)).toEqual({
      overlap: 5,
      leaseSeconds: 150,
    });
  });
  it("names what is wrong", () => {
    const draft = draftOf(saved);
    expect(problemsOf(draft)).toEqual([]);
    expect(problemsOf({ ...draft, name: " ", overlap: "2.5", leaseMinutes: "" })).toEqual([
      "name",
      "overlap",
      "leaseMinutes",
    ]);
    expect(problemsOf({ ...draft, overlap: "21", leaseMinutes: "1441" })).toEqual(["overlap", "leaseMinutes"]);
  });
});

describe("errors", () => {
  const trpc = (data: object | undefined) => Object.assign(new Error("x"), { name: "TRPCClientError", data });
  it("reads every kind of failure", () => {
    const domain = { code: "conflict", details: { reason: "last_owner" } };
    expect(readError(trpc({ httpStatus: 409, requestId: "r", domain }))).toEqual({
      code: "conflict",
      details: { reason: "last_owner" },
      requestId: "r",
      retryable: true,
    });
    expect(readError(trpc({ httpStatus: 500, requestId: "r", domain: null })).code).toBe("internal_error");
    expect(readError(trpc(undefined)).code).toBe("network");
    expect(readError(new TypeError("Failed to fetch")).code).toBe("network");
    expect(readError(new HttpError("email_taken")).code).toBe("email_taken");
    expect(readError(new HttpError("toString")).code).toBe("internal_error");
    expect(readError(new HttpError("", {}, null, 429)).code).toBe("too_many_requests");
  });
});

describe("curves", () => {
  it("averages without a pull towards zero", () => {
    expect(smooth([4, 4, 4], 0.9).map((value) => value?.toFixed(9))).toEqual(Array(3).fill("4.000000000"));
    // (0.5·0.5·0 + 0.5·3) / (1 − 0.25) = 2
    expect(smooth([0, null, 3], 0.5)).toEqual([0, null, 2]);
    expect(smooth([1, 9], 0)).toEqual([1, 9]);
  });
  it("spreads rows evenly, first and last included", () => {
    expect(spread(3, 50)).toEqual([0, 1, 2]);
    expect(spread(101, 5)).toEqual([0, 25, 50, 75, 100]);
  });
});
