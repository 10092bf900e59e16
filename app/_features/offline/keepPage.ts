/** Files of the page at hand that the browser has loaded, as absolute addresses. */
function loadedFiles(): string[] {
  const named = [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>("script[src], link[href]")];
  const addresses = [
    ...performance.getEntriesByType("resource").map((entry) => entry.name),
    ...named.map((element) => ("src" in element ? element.src : element.href)),
  ];
  return [...new Set(addresses)].filter((address) => address.startsWith(`${window.location.origin}/_next/static/`));
}

/** From now on this page opens without a network. Browsers offer that on secure pages only; elsewhere nothing happens. */
export async function keepPage(path: string): Promise<void> {
  if (process.env.NODE_ENV === "development" || !("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/sw.js");
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ type: "keep", page: path, files: loadedFiles() });
}

/** Forgets the pages that open without a network: whoever signs in next finds none of them. */
export async function forgetPages(): Promise<void> {
  if ("caches" in window) await caches.delete("tiebreak-pages");
}
