import { totalmem } from "node:os";

const MiB = 2 ** 20;

/**
 * The environment for a process that trains. A step takes and frees hundreds of large arrays, and glibc by itself gives
 * them back to the system and fetches them again, zeroed page by page: about a tenth of a step's processor time. With these it
 * keeps them, and gives back what is free beyond a quarter of the machine's memory. Other libraries ignore them; what is
 * set already stays.
 */
export const trainingEnvironment = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => ({
  MALLOC_MMAP_THRESHOLD_: String(1024 * MiB),
  MALLOC_TRIM_THRESHOLD_: String(Math.floor(totalmem() / 4)),
  MALLOC_TOP_PAD_: String(64 * MiB),
  ...env,
});
