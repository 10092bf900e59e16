import type { Call, Schema } from "./openApi";

/** A value that a schema takes: its default, its first choice, or one that says what it stands for. */
function sample(name: string, schema: Schema): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.type === "object") return sampleObject(schema);
  if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 1;
  if (schema.type === "boolean") return true;
  return placeholder(name);
}

/** `snapshotId` as `SNAPSHOT_ID`. */
const placeholder = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();

/** What must be given. */
function sampleObject({ properties = {}, required = [] }: Schema): Record<string, unknown> {
  const needed = Object.entries(properties).filter(([name]) => required.includes(name));
  return Object.fromEntries(needed.map(([name, field]) => [name, sample(name, field)]));
}

interface Parts {
  readonly url: string;
  readonly query: readonly (readonly [string, string])[];
  /** JSON to send; `file` when the body is one; null when there is none. */
  readonly body: Record<string, unknown> | "file" | null;
  /** The answer is a file to keep. */
  readonly saves: boolean;
}

function partsOf(origin: string, base: string, call: Call): Parts {
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) => placeholder(name));
  const query = (call.parameters ?? [])
    .filter((one) => one.in === "query" && (one.required || ["format", "fileName"].includes(one.name)))
    .map(({ name, schema }) => [name, name === "fileName" ? "pairs.jsonl" : String(sample(name, schema))] as const);
  const content = call.requestBody?.content;
  const json = content?.["application/json"]?.schema;
  const ok = Object.entries(call.responses).find(([status]) => status.startsWith("2"))?.[1].content ?? {};
  const body = json ? sampleObject(json) : content ? "file" : null;
  return { url: `${origin}${base}${path}`, query, body, saves: !("application/json" in ok) };
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The call for a shell. The token comes from the environment: it has no business in a command's history. */
export function curlExample(origin: string, base: string, call: Call): string {
  const { url, query, body, saves } = partsOf(origin, base, call);
  const search = query.length > 0 ? `?${new URLSearchParams(query.map(([k, v]) => [k, v]))}` : "";
  const lines = [
    `curl ${call.method === "get" || body !== null ? "" : "-X POST "}${quoted(url + search)}`,
    '-H "Authorization: Bearer $TIEBREAK_TOKEN"',
    ...(body === "file" ? ["-H 'Content-Type: application/octet-stream'", "--data-binary @pairs.jsonl"] : []),
    ...(body !== null && body !== "file"
      ? ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`]
      : []),
    ...(saves ? ["-o dataset.jsonl"] : []),
  ];
  return lines.join(" \\\n  ");
}

const python = (value: unknown): string =>
  JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, " ")
    .replace(/: true\b/g, ": True")
    .replace(/: false\b/g, ": False")
    .replace(/: null\b/g, ": None");

/** The call in Python, with requests. */
export function pythonExample(origin: string, base: string, call: Call): string {
  const { url, query, body, saves } = partsOf(origin, base, call);
  const given = [
    "headers=headers",
    ...(query.length > 0 ? [`params=${python(Object.fromEntries(query))}`] : []),
    ...(body === "file" ? ['data=open("pairs.jsonl", "rb")'] : body === null ? [] : [`json=${python(body)}`]),
    ...(saves ? ["stream=True"] : []),
  ];
  return [
    "import os, requests",
    "",
    'headers = {"Authorization": "Bearer " + os.environ["TIEBREAK_TOKEN"]}',
    `answer = requests.${call.method}(`,
    `    ${JSON.stringify(url)},`,
    ...given.map((one) => `    ${one},`),
    ")",
    "answer.raise_for_status()",
    ...(saves
      ? [
          'with open("dataset.jsonl", "wb") as file:',
          "    for chunk in answer.iter_content(1 << 20):",
          "        file.write(chunk)",
        ]
      : ["print(answer.json())"]),
  ].join("\n");
}
