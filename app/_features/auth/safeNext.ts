/** Where sign-in may lead: a path of ours, never another host however it is written. */
export function safeNext(next: unknown): string {
  if (typeof next !== "string" || !next.startsWith("/")) return "/projects";
  try {
    const here = "http://here.invalid";
    const url = new URL(next, here);
    return url.origin === here ? url.pathname + url.search : "/projects";
  } catch {
    return "/projects";
  }
}
