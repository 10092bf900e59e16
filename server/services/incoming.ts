import { existsSync, readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";

/** Where whoever runs the instance puts models to be added: the one place on the server that is looked into. */
export const incomingFolder = (dataDir: string): string => join(dataDir, "incoming");

export interface IncomingEntry {
  readonly name: string;
  readonly bytes: number;
}

function sizeOf(path: string): number {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.size;
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

/** Hugging Face folders and GGUF files that lie there, by name. */
export function listIncoming(dataDir: string): IncomingEntry[] {
  const folder = incomingFolder(dataDir);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => extname(name).toLowerCase() === ".gguf" || existsSync(join(folder, name, "config.json")))
    .sort()
    .map((name) => ({ name, bytes: sizeOf(join(folder, name)) }));
}
