/** Where the web process tells its handlers who is calling; a client's own header of this name never gets through. */
export const clientAddressHeader = "x-tiebreak-client";

const plain = (address: string): string => address.trim().replace(/^::ffff:/i, "");

/**
 * The address of the client: the peer's own, unless the peer is a trusted proxy; then the last entry of X-Forwarded-For
 * that is not one (proxies append, so everything before it may be invented by the client).
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trustedProxies: readonly string[],
): string {
  const trusted = new Set(trustedProxies.map(plain));
  const chain = [...(forwardedFor ?? "").split(",").map(plain).filter(Boolean), plain(peer)];
  return chain.findLast((address) => !trusted.has(address)) ?? plain(peer);
}
