export type FileObjection = "empty" | "too_large";

/** Why a file is turned away before a byte is sent; `limitBytes` is the server's, null while it is not known. */
export function objectionTo(file: { readonly size: number }, limitBytes: number | null): FileObjection | null {
  if (file.size === 0) return "empty";
  return limitBytes !== null && file.size > limitBytes ? "too_large" : null;
}

const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A size in the largest unit that keeps it at or above 1; 1,024 bytes are a kilobyte, as the limit counts them. */
export function fileSize(bytes: number): { readonly value: number; readonly unit: (typeof units)[number] } {
  const power = bytes < 1024 ? 0 : bytes < 1024 ** 2 ? 1 : bytes < 1024 ** 3 ? 2 : 3;
  return { value: bytes / 1024 ** power, unit: units[power] as (typeof units)[number] };
}
