import { join, resolve } from "node:path";
import { z } from "zod";

const envSchema = z.object({
  TIEBREAK_DATA: z.string().min(1).default("./data"),
  TIEBREAK_HOST: z.string().min(1).default("127.0.0.1"),
  TIEBREAK_PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  /** Public address behind a TLS proxy, e.g. https://tiebreak.example.org. */
  TIEBREAK_URL: z.url().optional(),
  /** Addresses whose X-Forwarded-For is believed, comma-separated. */
  TIEBREAK_TRUSTED_PROXIES: z.string().default(""),
  /** 1: webhooks may go to private addresses, this machine among them, and over plain http. */
  TIEBREAK_WEBHOOKS_PRIVATE: z.enum(["0", "1"]).default("0"),
  /** Largest file that may be uploaded, in megabytes. */
  TIEBREAK_MAX_UPLOAD_MB: z.coerce.number().int().min(1).default(2048),
  /** The model hub, and a token of an account there for models that are not given to everybody. */
  HF_ENDPOINT: z.url().default("https://huggingface.co"),
  HF_TOKEN: z.string().trim().optional(),
  TIEBREAK_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error"]).default("info"),
});

export interface Env {
  readonly dataDir: string;
  readonly databaseFile: string;
  readonly snapshotsDir: string;
  readonly runsDir: string;
  readonly uploadsDir: string;
  readonly host: string;
  readonly port: number;
  /** Where people reach the product: TIEBREAK_URL, or the listening address. */
  readonly publicUrl: string;
  readonly trustedProxies: readonly string[];
  readonly webhooksPrivate: boolean;
  readonly maxUploadBytes: number;
  readonly hub: { readonly endpoint: string; readonly token: string | null };
  readonly logLevel: string;
}

/** A variable that is wrong, in one line for a person. */
export class EnvProblem extends Error {
  override readonly name = "EnvProblem";
}

/** Reads the environment; throws one readable line naming the variable that is wrong. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  const parsed = envSchema.safeParse(source);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new EnvProblem(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { data } = parsed;
  const dataDir = resolve(data.TIEBREAK_DATA);
  return {
    dataDir,
    databaseFile: join(dataDir, "tiebreak.db"),
    snapshotsDir: join(dataDir, "snapshots"),
    runsDir: join(dataDir, "runs"),
    uploadsDir: join(dataDir, "uploads"),
    host: data.TIEBREAK_HOST,
    port: data.TIEBREAK_PORT,
    publicUrl: (data.TIEBREAK_URL ?? `http://${data.TIEBREAK_HOST}:${data.TIEBREAK_PORT}`).replace(/\/$/, ""),
    trustedProxies: data.TIEBREAK_TRUSTED_PROXIES.split(",")
      .map((s) => s.trim())
      .filter(Boolean),
    webhooksPrivate: data.TIEBREAK_WEBHOOKS_PRIVATE === "1",
    maxUploadBytes: data.TIEBREAK_MAX_UPLOAD_MB * 1024 ** 2,
    hub: { endpoint: data.HF_ENDPOINT.replace(/\/+$/, ""), token: data.HF_TOKEN || null },
    logLevel: data.TIEBREAK_LOG_LEVEL,
  };
}
