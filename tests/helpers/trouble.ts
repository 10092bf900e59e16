import type { BrowserContext } from "playwright-core";

/**
 * Collects what no visit should bring about, as lines to read: console errors and warnings, uncaught errors, breaches of
 * the content policy, failed requests, answers from 400 on, requests to another host. `expected` matches whole lines that
 * a test causes on purpose. An aborted request is the page's own doing (it was left, it closed a stream): no trouble.
 */
export async function watchTrouble(
  context: BrowserContext,
  origin: string,
  expected: readonly RegExp[],
): Promise<readonly string[]> {
  const trouble: string[] = [];
  const note = (line: string) => {
    if (!expected.some((pattern) => pattern.test(line))) trouble.push(line);
  };
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`content policy: ${event.violatedDirective} stopped ${event.blockedURI} (${event.sample})`);
    });
  });
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      note(`console ${message.type()}: ${message.text()}`);
  });
  context.on("weberror", (thrown) => note(`uncaught on ${thrown.page()?.url()}: ${thrown.error().stack}`));
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (/^(http|ws)/.test(url.protocol) && url.host !== new URL(origin).host) note(`other host: ${request.url()}`);
  });
  context.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    if (why !== "net::ERR_ABORTED") note(`failed: ${request.method()} ${request.url()} ${why}`);
  });
  context.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (response.status() >= 400) note(`${response.status()}: ${response.request().method()} ${pathname}`);
  });
  return trouble;
}
