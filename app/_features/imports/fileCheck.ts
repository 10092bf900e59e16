/** The server's limit; a file above it is turned away before a byte is sent. */
export const maxFileBytes = 200 * 1024 * 1024;

export type FileObjection = "empty" | "too_large";

export function objectionTo(file: { readonly size: number }): FileObjection | null {
  if (file.size === 0) return "empty";
  return file.size > maxFileBytes ? "too_large" : null;
}

/** A size in the largest unit that keeps it at or above 1; 1,024 bytes are a kilobyte, as the limit counts them. */
export function fileSize(bytes: number): { readonly value: number; readonly unit: "byte" | "kilobyte" | "megabyte" } {
  if (bytes < 1024) return { value: bytes, unit: "byte" };
  if (bytes < 1024 ** 2) return { value: bytes / 1024, unit: "kilobyte" };
  return { value: bytes / 1024 ** 2, unit: "megabyte" };
}
