import { lookup as resolve } from "node:dns";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPublicAddress } from "./address";

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SendOptions {
  /** The operator lets messages go to private addresses and over plain http. */
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
}

const leave = "Ask whoever runs this Tiebreak to set TIEBREAK_WEBHOOKS_PRIVATE=1 if it should.";
const refused = (what: string) => new Error(`${what} ${leave}`);

/** Looks a name up and hands on only addresses that messages may go to: the one that was checked is the one connected to. */
const publicLookup: LookupFunction = (host, options, done) => {
  resolve(host, { ...options, all: true }, (error, found) => {
    if (error) return done(error, "");
    const open = found.filter(({ address }) => isPublicAddress(address));
    const [first] = open;
    if (!first) return done(refused(`${host} is a private address.`), "");
    if (options.all) return done(null, open);
    done(null, first.address, first.family);
  });
};

/** Why a message may not go there; null when it may, as far as the address itself tells. */
function refusal({ protocol, hostname }: URL): Error | null {
  if (protocol !== "https:") return refused("Messages go over https only.");
  const address = hostname.replace(/^\[|\]$/g, "");
  return isIP(address) !== 0 && !isPublicAddress(address) ? refused(`${address} is a private address.`) : null;
}

/**
 * Posts a message; the status of the answer. Redirects are not followed. Throws when nobody answered in time or the address
 * is not allowed.
 */
export function sendMessage({ url, headers, body }: Message, options: SendOptions): Promise<number> {
  const target = new URL(url);
  const refusedBecause = options.allowPrivate ? null : refusal(target);
  if (refusedBecause) return Promise.reject(refusedBecause);
  const request = target.protocol === "https:" ? httpsRequest : httpRequest;
  const { timeoutMs } = options;
  return new Promise((done, failed) => {
    const call = request(
      target,
      {
        method: "POST",
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        ...(options.allowPrivate ? {} : { lookup: publicLookup }),
      },
      (response) => {
        // What it says does not matter, and may be endless.
        response.on("error", () => {});
        response.destroy();
        done(response.statusCode ?? 0);
      },
    );
    call.on("error", (error) => {
      const late = error.name === "TimeoutError" || (error.cause as Error | undefined)?.name === "TimeoutError";
      failed(late ? new Error(`No answer within ${timeoutMs / 1000} seconds.`) : error);
    });
    call.end(body);
  });
}
