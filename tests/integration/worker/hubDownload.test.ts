import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { choicesOf } from "@/server/domain/models/modelFiles";
import { type HubError, listHub } from "@/server/services/hub";
import { downloadPlan } from "@/server/worker/hubDownload";
import { HubServer } from "../../helpers/hubServer";

const weights = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 31 + i) & 255));
const files = {
  "config.json": Buffer.from("{}"),
  "tokenizer.json": Buffer.from('{"a":1}'),
  "model.safetensors": weights,
  "README.md": Buffer.from("---\nlicense: apache-2.0\n---\n"),
  "pytorch_model.bin": weights,
  "onnx/model.onnx": weights,
};

let server: HubServer;
let endpoint: string;
let folder: string;

beforeEach(async () => {
  server = new HubServer({
    "tiny/model": { files },
    "tiny/gated": { files, gatedBy: "hf_right" },
    "tiny/refused": { files, refuses: true },
  });
  endpoint = await server.start();
  folder = mkdtempSync(join(tmpdir(), "hub-"));
});
afterEach(() => server.stop());

async function fetchModel(repo: string, token: string | null = null, signal = new AbortController().signal) {
  const hub = { endpoint, token };
  const { commit, files: listed } = await listHub(hub, repo, "main");
  const [whole] = choicesOf(listed);
  if (whole?.id !== "folder") throw new Error("no folder");
  const told: number[] = [];
  const fetching = { hub, signal, progress: (bytes: number) => void told.push(bytes), patienceMs: 1 };
  await downloadPlan({ repo, commit, files: whole.files }, folder, fetching);
  return { told, bytes: whole.bytes };
}

const there = () => readdirSync(folder).sort();
const needed = ["README.md", "config.json", "model.safetensors", "tokenizer.json"];

test("brings what a folder needs and nothing else, through a redirect that does not see the token", async () => {
  const { told, bytes } = await fetchModel("tiny/model", "hf_mine");
  expect(there()).toEqual(needed);
  for (const name of needed) expect(readFileSync(join(folder, name))).toEqual(files[name as keyof typeof files]);
  expect(told.at(-1)).toBe(bytes);
  const stored = server.asked.filter(({ host }) => host === "store");
  expect(stored.map(({ authorization }) => authorization)).toEqual([undefined]);
  expect(server.asked.every(({ host, authorization }) => host === "store" || authorization === "Bearer hf_mine")).toBe(
    true,
  );
});

test("an interrupted file goes on where it broke off, and a later try fetches only the rest", async () => {
  server.cuts.set("model.safetensors", [100_000, 50_000]);
  server.statuses.set("tokenizer.json", [503, 429]);
  await fetchModel("tiny/model");
  const ranges = server.asked.filter(({ host }) => host === "store").map(({ range }) => range);
  expect(ranges).toEqual([undefined, "bytes=100000-", "bytes=150000-"]);
  expect(readFileSync(join(folder, "model.safetensors"))).toEqual(weights);

  const before = server.asked.length;
  await fetchModel("tiny/model");
  // All is there: the listing alone is asked for.
  expect(server.asked.length - before).toBe(1);
});

test("a server that ignores ranges sends all of it again, and the file is right", async () => {
  server.cuts.set("model.safetensors", [70_000]);
  server.rangeless.add("model.safetensors");
  await fetchModel("tiny/model");
  expect(readFileSync(join(folder, "model.safetensors"))).toEqual(weights);
});

test("a hub that stays silent is given up with what was downloaded kept", async () => {
  server.cuts.set("model.safetensors", [10, ...Array<number>(20).fill(0)]);
  await expect(fetchModel("tiny/model")).rejects.toThrow(/could not be reached .* is kept; try again, or put/);
  expect(readFileSync(join(folder, "model.safetensors.part")).length).toBe(10);
});

test.each(["model.safetensors", "config.json"])(
  "%s with a changed byte is refused by its checksum and removed",
  async (name) => {
    server.damaged.add(name);
    await expect(fetchModel("tiny/model")).rejects.toThrow(
      /of tiny\/model arrived damaged: its checksum is [0-9a-f]{16}/,
    );
    expect(there()).not.toContain(name);
    expect(there()).not.toContain(`${name}.part`);
    server.damaged.clear();
    await fetchModel("tiny/model");
    expect(there()).toEqual(needed);
  },
);

test("gated models: without a token, with one that is not accepted, with the right one", async () => {
  await expect(fetchModel("tiny/gated")).rejects.toThrow(/only to people it knows.*set HF_TOKEN/);
  await expect(fetchModel("tiny/refused", "hf_wrong")).rejects.toThrow(
    /to the token in HF_TOKEN. Accept the model's terms/,
  );
  await fetchModel("tiny/gated", "hf_right");
  expect(there()).toEqual(needed);
});

test("what is not there, and a hub that cannot be reached, are told apart", async () => {
  const trouble = (repo: string, token: string | null, at = endpoint) =>
    listHub({ endpoint: at, token }, repo, "main").catch((error: HubError) => error.trouble);
  expect(await trouble("tiny/nothing", "hf_mine")).toBe("missing");
  expect(await trouble("tiny/nothing", null)).toBe("gated");
  expect(await trouble("tiny/model", null, "http://127.0.0.1:1")).toBe("unreachable");
  const listing = await listHub({ endpoint, token: null }, "tiny/model", "main");
  expect(listing).toMatchObject({ licence: "apache-2.0" });
  await expect(
    downloadPlan(
      { repo: "tiny/model", commit: listing.commit, files: [{ path: "gone", bytes: 3, sha256: null, gitSha1: null }] },
      folder,
      { hub: { endpoint, token: null }, signal: new AbortController().signal, progress: () => {} },
    ),
  ).rejects.toThrow(/no longer has gone of tiny\/model/);
});

test("stopped in the middle it ends at once", async () => {
  const controller = new AbortController();
  server.cuts.set("model.safetensors", Array<number>(6).fill(1));
  writeFileSync(join(folder, "note"), "");
  const fetching = fetchModel("tiny/model", null, controller.signal);
  setTimeout(() => controller.abort(), 20);
  await expect(fetching).rejects.toThrow();
});
