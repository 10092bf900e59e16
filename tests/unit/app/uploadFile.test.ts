import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Answer, HttpCall } from "@/app/_features/imports/httpCall";
import { uploadFile } from "@/app/_features/imports/uploadFile";

const answer = (status: number, json: object | null = null, headers: Record<string, string> = {}): Answer => ({
  status,
  json: json as Answer["json"],
  header: (name) => headers[name] ?? null,
});

/** A server that keeps what comes, with a fault in the place of some calls. */
function server(faults: Record<number, "lost" | "half" | "damaged" | "restarting">) {
  let kept = Buffer.alloc(0);
  let calls = 0;
  const call = async ({ method, headers, body }: HttpCall): Promise<Answer> => {
    const fault = faults[++calls];
    if (fault === "lost") throw new TypeError("no answer");
    if (fault === "restarting") return answer(503, { error: { code: "worker_offline" } });
    const offset = () => ({ "upload-offset": String(kept.length) });
    if (method === "HEAD") return answer(200, null, offset());
    if (method === "POST" && String(body) !== "") return answer(200, { uploadId: "u", offset: kept.length });
    if (method === "POST") return answer(200, { importId: "u" });
    const bytes = Buffer.from(await (body as Blob).arrayBuffer());
    if (Number(headers?.["upload-offset"]) !== kept.length) return answer(409, { error: { code: "conflict" } });
    const sum = createHash("sha256").update(bytes).digest("base64");
    expect(headers?.["upload-checksum"]).toBe(`sha256 ${sum}`);
    if (fault === "damaged") return answer(400, { error: { code: "invalid_input" } });
    kept = Buffer.concat([kept, fault === "half" ? bytes.subarray(0, bytes.length / 2) : bytes]);
    // Half of it arrived, and the answer was lost.
    if (fault === "half") throw new TypeError("no answer");
    return answer(204, null, offset());
  };
  return { call, kept: () => kept };
}

const content = Buffer.alloc(20 * 1024 * 1024 + 7);
for (let i = 0; i < content.length; i += 4096) content[i] = i / 4096;
const file = () => new File([content], "pairs.jsonl");

test.each([
  ["nothing goes wrong", {}, 0],
  ["no answer to the first call", { 1: "lost" }, 1],
  ["a piece of which half arrived before the connection broke", { 2: "half" }, 1],
  ["a damaged piece", { 3: "damaged" }, 0],
  ["a server that restarts while it is asked how far it is", { 2: "lost", 3: "restarting", 4: "lost" }, 3],
  ["an answer to the last call that is lost", { 5: "lost" }, 1],
] as const)("all bytes arrive once and in order: %s", async (_, faults, waits) => {
  const { call, kept } = server(faults);
  let waited = 0;
  const listener = { progress: () => {}, wait: () => waited++ };
  expect(await uploadFile("p", file(), listener, { call, pause: async () => {} }).done).toBe("u");
  expect(kept().equals(content)).toBe(true);
  expect(waited).toBe(waits);
});

test("what the server refuses for good ends it, and a cancelled upload sends nothing more", async () => {
  const quiet = { progress: () => {}, wait: () => {} };
  const refuse = async () => answer(413, { error: { code: "file_too_large" } });
  const refused = uploadFile("p", file(), quiet, { call: refuse, pause: async () => {} });
  await expect(refused.done).rejects.toMatchObject({ code: "file_too_large" });
  const always = server(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i + 1, "damaged"])));
  const damaged = uploadFile("p", file(), quiet, { call: always.call, pause: async () => {} });
  await expect(damaged.done).rejects.toMatchObject({ code: "invalid_input" });
});
