const loopback = ["localhost", "127.0.0.1"];
const everyAddress = ["0.0.0.0", "[::]"];

/**
 * Where requests that change something may come from: the public address; on a loopback address also its twin; and when
 * the server listens on every address without a public one, whatever address the browser itself used.
 */
export function trustedOrigins(publicUrl: string, requestHost: string | null): string[] {
  const url = new URL(publicUrl);
  const on = (host: string) => `${url.protocol}//${host}${url.port ? `:${url.port}` : ""}`;
  const twins = loopback.includes(url.hostname) ? loopback.map(on) : [];
  const open = everyAddress.includes(url.hostname)
    ? [...loopback.map(on), ...(requestHost ? [`${url.protocol}//${requestHost}`] : [])]
    : [];
  return [...new Set([url.origin, ...twins, ...open])];
}

/**
 * False for what another site made a browser send. Browsers name the origin of every POST; a program that names neither
 * origin nor site holds no cookies to abuse.
 */
export function isSameOrigin(headers: Headers, publicUrl: string): boolean {
  const origin = headers.get("origin");
  if (origin !== null) return trustedOrigins(publicUrl, headers.get("host")).includes(origin);
  const site = headers.get("sec-fetch-site");
  return site === null || site === "same-origin";
}
