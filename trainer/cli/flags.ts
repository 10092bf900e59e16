import { TrainerError } from "../contracts/error";
import type { RunConfig } from "../contracts/runConfig";
import { type ConfigField, configFields } from "../contracts/schema";
import { put } from "../contracts/settings";

/** `warmupRatio` of `optimizer` is `--warmup-ratio`: the last name of a field's path, in the shell's way of writing. */
const flagOf = ({ path }: ConfigField): string =>
  (path.at(-1) as string).replace(/[A-Z0-9]+/g, (part, at) => (at === 0 ? part : `-${part.toLowerCase()}`));

const isBoolean = ({ field }: ConfigField): boolean => field.type === "boolean";

/** Options of `parseArgs` for all fields of a kind of run. */
export const configOptions = (kind: RunConfig["kind"]) =>
  Object.fromEntries(
    configFields(kind).map((f) => [flagOf(f), { type: isBoolean(f) ? ("boolean" as const) : ("string" as const) }]),
  );

function typedValue(f: ConfigField, text: string): unknown {
  const { type, anyOf } = f.field;
  if (type === "number" || type === "integer") {
    const number = Number(text);
    if (text.trim() !== "" && Number.isFinite(number)) return number;
    throw new TrainerError("bad_config", `--${flagOf(f)} needs a number, not "${text}".`, { field: flagOf(f) });
  }
  if (type === "array" && !/^\s*\[/.test(text)) return text.split(",").map((part) => part.trim());
  if ((!anyOf && type !== "array") || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TrainerError("bad_config", `--${flagOf(f)}: ${(cause as Error).message}.`, { field: flagOf(f) });
  }
}

type Json = Readonly<Record<string, unknown>>;

/** The configuration with what was given on the command line put into its place. */
export function withFlags(kind: RunConfig["kind"], config: Json, given: Json): Json {
  let result = config;
  for (const f of configFields(kind)) {
    const typed = given[flagOf(f)];
    if (typed === undefined) continue;
    result = put(result, f.path, typeof typed === "string" ? typedValue(f, typed) : typed);
  }
  return result;
}

/** One line or two for each flag: what it is, what it may be, its default and where that comes from. */
export function flagHelp(kind: RunConfig["kind"]): string {
  return configFields(kind)
    .map((f) => {
      const { description = "", field } = { ...f.field, field: f.field };
      const named = field.enum ?? field.anyOf?.flatMap((option) => option.enum ?? []) ?? [];
      const choices = named.length > 0 ? named : null;
      const usual = field.default !== undefined ? `default ${JSON.stringify(field.default)}` : null;
      const source = field.source && (usual ? `after ${field.source}` : `default: ${field.source}`);
      const notes = [f.required ? "needed, by flag, file or preset" : null, usual, source].filter(Boolean).join(", ");
      const what = isBoolean(f) ? `--[no-]${flagOf(f)}` : `--${flagOf(f)} ${choices ? "NAME" : "VALUE"}`;
      return [
        `  ${what}`,
        `      ${description}${notes ? ` (${notes})` : ""}`,
        ...(choices ? [`      one of ${choices.join(", ")}`] : []),
      ].join("\n");
    })
    .join("\n");
}
