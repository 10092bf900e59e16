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

/** Messages as they are stored, hashed and compared. */
export const messagesText = (messages: readonly Message[]): string =>
  `[${messages.map(({ role, content }) => `{"content":${JSON.stringify(content)},"role":"${role}"}`).join(",")}]`;

/** Of `messagesText`. */
export const promptHashOf = (prompt: string): string => sha256(prompt);

/** The same prompt with the same two responses (each as `messagesText`), whichever comes first. */
export function contentHashOf(prompt: string, x: string, y: string): string {
  const [first, second] = x < y ? [x, y] : [y, x];
  return sha256(`[${prompt},[${JSON.stringify(first)},${JSON.stringify(second)}]]`);
}

/** The same prompt with the same single response. */
export const responseHashOf = (prompt: string, response: string): string => sha256(`[${prompt},${response}]`);

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

/**
 * An item's id follows from its project and content, so that an import that is repeated finds its own rows. It begins as the
 * content's hash does: rows written in that order touch the same few pages of every index.
 */
export const itemIdOf = (projectId: string, contentHash: string): string =>
  contentHash.slice(0, 16) + sha256(`${projectId}:${contentHash}`).slice(0, 16);

/** A coin that falls the same way everywhere: the last bit of a content hash. */
export const coinOf = (contentHash: string): boolean => (Number.parseInt(contentHash.at(-1) ?? "0", 16) & 1) === 1;

/** Names a file's people apart from another file's: its name without folder and extension. */
export const sourceOf = (fileName: string): string =>
  (fileName.split(/[\\/]/).at(-1) ?? "").replace(/\.[a-z0-9]+$/i, "").replace(/[^\p{L}\p{N}._-]+/gu, "_") || "file";
