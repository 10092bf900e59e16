import { createHash } from "node:crypto";
import type { Parameters } from "./safetensors";

/** Tells parameters by names, shapes and every bit of their values: SHA-256 over `name shape ` and the numbers of each, in their order. */
export function fingerprint(parameters: Parameters): string {
  const hash = createHash("sha256");
  for (const [name, { shape, data }] of Object.entries(parameters)) {
    hash.update(`${name} ${shape} `).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}
