import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { HubFile, HubPlan } from "../domain/models/hub";
import { askHub, filePath, type Hub, HubError, type HubTrouble } from "../services/hub";

interface Fetching {
  readonly hub: Hub;
  readonly signal: AbortSignal;
  /** Bytes that are there, of all files together. */
  readonly progress: (bytes: number) => void;
  /** Milliseconds before the first repetition; each further one waits twice as long. */
  readonly patienceMs?: number;
}

/** In a row, without a byte in between. */
const mostFailures = 6;
/** A connection that brings nothing for so long is given up. */
const silenceMs = 60_000;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** A failure that ends a download, as a sentence for whoever asked for it. */
export class DownloadError extends Error {
  override readonly name = "DownloadError";
}

function sentence(trouble: HubTrouble, why: string, what: string, { endpoint, token }: Hub): string {
  const host = new URL(endpoint).host;
  switch (trouble) {
    case "gated":
      return token
        ? `${host} does not give ${what} to the token in HF_TOKEN. Accept the model's terms there with the account of that token, then try again.`
        : `${host} gives ${what} only to people it knows. Accept the model's terms there, set HF_TOKEN to a token of your account where Tiebreak runs, and try again.`;
    case "missing":
      return `${host} no longer has ${what}. Look the model up again.`;
    case "unreachable":
      return `${host} could not be reached (${why}): this machine's network refuses it, or it is down. What was downloaded is kept; try again, or put the model's files into the data folder's "incoming".`;
    case "busy":
      return `${host} did not answer (${why}). What was downloaded is kept; try again later.`;
    case "unexpected":
      return `${host} answered for ${what} in a way that is not known (${why}).`;
  }
}

/** One attempt: goes on from what is there. */
async function fetchRest({ repo, commit }: HubPlan, file: HubFile, part: string, fetching: Fetching): Promise<void> {
  const from = sizeOf(part);
  const silence = new AbortController();
  const giveUp = () => silence.abort(new Error("it fell silent"));
  let timer = setTimeout(giveUp, silenceMs);
  const handle = await open(part, "a");
  try {
    const signal = AbortSignal.any([fetching.signal, silence.signal]);
    // Compression would count bytes of another file.
    const headers = new Headers({ "accept-encoding": "identity" });
    if (from > 0) headers.set("range", `bytes=${from}-`);
    const response = await askHub(fetching.hub, filePath(repo, commit, file.path), headers, signal);
    let at = response.status === 206 ? from : 0;
    if (at === 0) await handle.truncate(0);
    if (response.status === 416) {
      await response.body?.cancel();
      throw new HubError("busy", "the rest was refused");
    }
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, silenceMs);
      at += chunk.length;
      if (at > file.bytes) throw new HubError("unexpected", `more than ${file.bytes} bytes`);
      await handle.writeFile(chunk);
      fetching.progress(at);
    }
    if (at < file.bytes) throw new HubError("unreachable", "the connection broke off");
    await handle.sync();
  } catch (error) {
    if (error instanceof HubError || fetching.signal.aborted || (error as NodeJS.ErrnoException).code === "ENOSPC")
      throw error;
    throw new HubError("unreachable", (error as Error).message, { cause: error });
  } finally {
    clearTimeout(timer);
    await handle.close();
  }
}

/** A file's hash: its own SHA-256, or git's of a blob. */
async function hashOf(path: string, { sha256, bytes }: HubFile): Promise<string> {
  const hash = createHash(sha256 ? "sha256" : "sha1");
  if (!sha256) hash.update(`blob ${bytes}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function fetchFile(plan: HubPlan, file: HubFile, target: string, fetching: Fetching): Promise<void> {
  const part = `${target}.part`;
  await mkdir(dirname(target), { recursive: true });
  const what = `${file.path} of ${plan.repo}`;
  for (let failures = 0; ; ) {
    const before = sizeOf(part);
    if (before === file.bytes && before > 0) break;
    try {
      await fetchRest(plan, file, part, fetching);
      break;
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      failures = sizeOf(part) > before ? 1 : failures + 1;
      if (!error.again || failures === mostFailures)
        throw new DownloadError(sentence(error.trouble, error.why, what, fetching.hub), { cause: error });
      await sleep((fetching.patienceMs ?? 1_000) * 2 ** (failures - 1), undefined, { signal: fetching.signal });
    }
  }
  const expected = file.sha256 ?? file.gitSha1;
  const found = await hashOf(part, file);
  if (expected !== null && found !== expected) {
    await rm(part);
    throw new DownloadError(
      `${what} arrived damaged: its checksum is ${found.slice(0, 16)}… where the hub says ${expected.slice(0, 16)}…. It was removed; try again.`,
    );
  }
  await rename(part, target);
}

/**
 * Brings a plan's files into a folder, one after the other: interrupted ones go on where they broke off (HTTP ranges), each is
 * held against its checksum, whole ones are not fetched again. Throws DownloadError with a sentence.
 */
export async function downloadPlan(plan: HubPlan, folder: string, fetching: Fetching): Promise<void> {
  let whole = 0;
  for (const file of plan.files) {
    const before = whole;
    const target = join(folder, file.path);
    if (sizeOf(target) !== file.bytes || file.bytes === 0)
      await fetchFile(plan, file, target, { ...fetching, progress: (bytes) => fetching.progress(before + bytes) });
    whole += file.bytes;
    fetching.progress(whole);
  }
}
