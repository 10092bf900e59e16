import { Template } from "@huggingface/jinja";
import { TrainerError } from "../contracts/error";
import { withTimeLimit } from "./timeLimit";

const longestTemplate = 500_000;
const longestText = 20_000_000;
const longestRange = 100_000;
/** Far above what any template needs. */
const renderMs = 2_000;

const templates = new Map<string, Template>();

/** Jinja's range, which would fill the memory with numbers before the time is over. */
function range(from: number, to?: number, step = 1): number[] {
  const [start, stop] = to === undefined ? [0, from] : [from, to];
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (!(count <= longestRange)) throw new Error(`range() of ${count} numbers`);
  return Array.from({ length: count }, (_, i) => start + i * step);
}

const ownRange = "range of at most so many";

/** Makes a parsed template call our `range`: the library does not let its own be replaced. */
function useOwnRange(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  const named = node as { readonly type?: unknown; value?: unknown };
  if (named.type === "Identifier" && named.value === "range") named.value = ownRange;
  const inside = node instanceof Map ? [...node].flat() : Object.values(node);
  for (const child of inside) useOwnRange(child);
}

function templateOf(source: string): Template {
  const known = templates.get(source);
  if (known) return known;
  if (source.length > longestTemplate) throw new Error(`it is longer than ${longestTemplate} characters`);
  const template = new Template(source);
  useOwnRange(template.parsed);
  templates.set(source, template);
  return template;
}

/** A chat template's text, by a template that may be hostile: bounded in time and size. Throws what the template raises. */
export function renderTemplate(source: string, items: Readonly<Record<string, unknown>>): string {
  const tooLong = () =>
    new TrainerError(
      "bad_model",
      `The model's chat template takes longer than ${renderMs / 1000} seconds for one conversation.`,
    );
  const text = withTimeLimit(renderMs, () => templateOf(source).render({ ...items, [ownRange]: range }), tooLong);
  if (text.length > longestText) throw new Error(`it makes ${text.length} characters of one conversation`);
  return text;
}
