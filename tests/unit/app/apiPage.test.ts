import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { curlExample, pythonExample } from "@/app/_features/api/examples";
import { type Call, callsOf, fieldsOf, type OpenApi, typeText } from "@/app/_features/api/openApi";
import { openApiDocument } from "@/server/api/openapi";

const document = openApiDocument() as unknown as OpenApi;
const calls = callsOf(document);
const callOf = (id: string) => calls.find(({ operationId }) => operationId === id) as Call;

test("the page's English sentences are the document's", () => {
  const told = Object.fromEntries(
    calls.map(({ operationId, summary, description, parameters = [] }) => {
      const described = parameters.flatMap((one) => (one.description ? [[one.name, one.description] as const] : []));
      const rest = described.length > 0 ? { parameters: Object.fromEntries(described) } : {};
      return [operationId, { summary, ...(description === undefined ? {} : { description }), ...rest }];
    }),
  );
  expect(JSON.parse(readFileSync("messages/en/api.json", "utf8")).calls).toEqual(told);
});

test("examples name this host and hold what a call must be given", () => {
  expect(curlExample("http://h:1", "/api/v1", callOf("diffSnapshots"))).toBe(
    `curl 'http://h:1/api/v1/snapshots/SNAPSHOT_ID/diff?from=FROM' \\\n  -H "Authorization: Bearer $TIEBREAK_TOKEN"`,
  );
  expect(curlExample("http://h:1", "/api/v1", callOf("createRun"))).toBe(
    [
      "curl 'http://h:1/api/v1/runs' \\",
      `  -H "Authorization: Bearer $TIEBREAK_TOKEN" \\`,
      "  -H 'Content-Type: application/json' \\",
      `  -d '{"snapshotId":"SNAPSHOT_ID","kind":"reward","preset":"quick"}'`,
    ].join("\n"),
  );
  expect(curlExample("http://h:1", "/api/v1", callOf("cancelRun"))).toMatch("-X POST");
  expect(pythonExample("http://h:1", "/api/v1", callOf("createImport"))).toMatch(
    'requests.post(\n    "http://h:1/api/v1/imports",\n    headers=headers,\n    params={ "fileName": "pairs.jsonl" },\n    data=open("pairs.jsonl", "rb"),\n)',
  );
});

test("every schema of the document can be put in words and unfolded", () => {
  const { schemas } = document.components;
  expect(typeText({ type: "array", items: { $ref: "#/components/schemas/Item" } })).toBe("array of Item");
  expect(typeText({ anyOf: [{ type: "string" }, { type: "null" }] })).toBe("string | null");
  for (const [name, schema] of Object.entries(schemas))
    expect(fieldsOf(schema, schemas).length, name).toBeGreaterThan(0);
  expect(fieldsOf({ $ref: "#/components/schemas/RunEvent" }, schemas)).toHaveLength(8);
});
