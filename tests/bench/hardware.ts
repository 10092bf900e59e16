import { cpus, release, totalmem, type } from "node:os";

/** The machine that figures were measured on, in one line. */
export function hardware(): string {
  const [first] = cpus();
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  return `${cpus().length} × ${first?.model.trim()}, ${gib} GiB, ${type()} ${release()}, Node ${process.versions.node}`;
}
