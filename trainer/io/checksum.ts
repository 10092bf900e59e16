import { createHash } from "node:crypto";
import { withFile } from "./binaryFile";

const pieceBytes = 2 ** 22;

/** SHA-256 of files one after the other, read piece by piece. */
export function checksum(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    withFile(path, (file) => {
      for (let at = 0; at < file.size; at += pieceBytes)
        hash.update(file.read(at, Math.min(pieceBytes, file.size - at)));
    });
  }
  return hash.digest("hex");
}
