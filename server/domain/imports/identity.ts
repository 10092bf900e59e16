import { createHash } from "node:crypto";
import type { Message } from "@/trainer/contracts/message";

/** JSON with the keys of every object in order: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    const sorted = entries.toSorted(([x], [y]) => (x < y ? -1 : 1));
    return `{${sorted.map(([key, v]) => `${JSON.stringify(key)}:${canonicalJson(v)}`).join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export const promptHashOf = (prompt: readonly Message[]): string => sha256(canonicalJson(prompt));

/** The same prompt with the same two responses, whichever comes first. */
export const contentHashOf = (prompt: readonly Message[], x: readonly Message[], y: readonly Message[]): string =>
  sha256(canonicalJson([prompt, [x, y].map(canonicalJson).toSorted()]));

/**
 * The hash of a pair whose text is known from other models. Models often say the same; who said it is a result of its own,
 * so such a pair is another item. `models` follows the order of the texts.
 */
export const variantHashOf = (
  contentHash: string,
  x: { text: string; model: string },
  y: { text: string; model: string },
): string =>
  sha256(
    canonicalJson([contentHash, [x, y].map(({ text, model }) => canonicalJson([sha256(text), model])).toSorted()]),
  );

/** An item's id follows from its project and content, so that an import that is repeated finds its own rows. */
export const itemIdOf = (projectId: string, contentHash: string): string =>
  sha256(`${projectId}:${contentHash}`).slice(0, 32);

/** A coin that falls the same way everywhere: the last bit of a content hash. */
export const coinOf = (contentHash: string): boolean => (Number.parseInt(contentHash.at(-1) ?? "0", 16) & 1) === 1;

/** Names a file's people apart from another file's: its name without folder and extension. */
export const sourceOf = (fileName: string): string =>
  (fileName.split(/[\\/]/).at(-1) ?? "").replace(/\.[a-z0-9]+$/i, "").replace(/[^\p{L}\p{N}._-]+/gu, "_") || "file";
