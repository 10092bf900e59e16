import { type HubListing, parseListing } from "../domain/models/hub";

/** A model hub that speaks Hugging Face's endpoints, and the operator's token for it. */
export interface Hub {
  readonly endpoint: string;
  readonly token: string | null;
}

export type HubTrouble = "unreachable" | "gated" | "missing" | "busy" | "unexpected";

/** Why a hub gives nothing. `again`: the same question may be answered later. */
export class HubError extends Error {
  override readonly name = "HubError";
  constructor(
    readonly trouble: HubTrouble,
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(`${trouble}: ${why}`, options);
  }

  get again(): boolean {
    return this.trouble === "unreachable" || this.trouble === "busy";
  }
}

/** What a status other than success means. The hub says 401 for what does not exist as well, to those it does not know. */
function troubleOf(status: number): HubTrouble {
  if (status === 401 || status === 403) return "gated";
  if (status === 404) return "missing";
  return status === 429 || status >= 500 ? "busy" : "unexpected";
}

/** The cause behind fetch's "fetch failed". */
const causeOf = (error: unknown): string => {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? (error as Error).message;
};

/** Asks a hub. The token goes to the hub alone: a redirect to another host is followed without it. */
export async function askHub(hub: Hub, path: string, headers: HeadersInit, signal: AbortSignal): Promise<Response> {
  const own = new Headers(headers);
  own.set("user-agent", "tiebreak");
  if (hub.token) own.set("authorization", `Bearer ${hub.token}`);
  let response: Response;
  try {
    response = await fetch(`${hub.endpoint}${path}`, { headers: own, signal, redirect: "follow" });
  } catch (cause) {
    if (signal.aborted && signal.reason?.name === "AbortError") throw cause;
    throw new HubError("unreachable", causeOf(cause), { cause });
  }
  if (response.ok || response.status === 416) return response;
  await response.body?.cancel();
  throw new HubError(troubleOf(response.status), `status ${response.status}`);
}

const listingMs = 20_000;

/** What a repository holds at a revision. */
export async function listHub(hub: Hub, repo: string, revision: string): Promise<HubListing> {
  const path = `/api/models/${repo}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const response = await askHub(hub, path, { accept: "application/json" }, AbortSignal.timeout(listingMs));
  const listing = parseListing(await response.json().catch(() => null));
  if (!listing) throw new HubError("unexpected", "its answer is none that is known");
  return listing;
}

/** The address of a file, below the endpoint. */
export const filePath = (repo: string, commit: string, path: string): string =>
  `/${repo}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
