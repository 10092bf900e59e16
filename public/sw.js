// Opens the comparing page without a network. It keeps that page as the server last sent it, policy and all, and the files
// it is made of (their names change with their content); everything else goes to the server as if this were not here.
const pagesCache = "tiebreak-pages";
const filesCache = "tiebreak-files";
/** Beyond so many files those of builds that are gone are dropped. */
const mostFiles = 400;

const isFile = (url) => url.pathname.startsWith("/_next/static/");
const isComparing = (url) => /^\/projects\/[^/]+\/compare$/.test(url.pathname);
/** Where an installed app opens. */
const isFront = (url) => url.pathname === "/" || url.pathname === "/projects";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  if (event.data?.type === "keep") event.waitUntil(keep(event.data));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (isFile(url)) event.respondWith(fileFirst(request));
  else if (request.mode === "navigate" && (isComparing(url) || isFront(url)))
    event.respondWith(serverFirst(request, url));
});

/** A page that runs names itself and its files. */
async function keep({ page, files }) {
  const response = await fetch(page, { credentials: "same-origin" });
  if (isWhole(response)) await keepPage(page, response);
  const cache = await caches.open(filesCache);
  const missing = [];
  for (const file of files) if (!(await cache.match(file))) missing.push(file);
  await Promise.all(missing.map((file) => cache.add(file).catch(() => {})));
  const kept = await cache.keys();
  if (kept.length <= mostFiles) return;
  const current = new Set(files);
  await Promise.all(kept.filter(({ url }) => !current.has(url)).map((request) => cache.delete(request)));
}

/** Not a redirect to the sign-in page, not an error. */
const isWhole = (response) => response.ok && !response.redirected && response.type === "basic";

/** The newest page is the last key: the one that the app opens with. */
async function keepPage(path, response) {
  const cache = await caches.open(pagesCache);
  await cache.delete(path);
  await cache.put(path, response);
}

async function fileFirst(request) {
  const cache = await caches.open(filesCache);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (isWhole(response)) await cache.put(request, response.clone());
  return response;
}

async function serverFirst(request, url) {
  try {
    const response = await fetch(request);
    // A proxy answers for a server that is not there.
    if (response.status < 502 || response.status > 504) {
      if (isComparing(url) && isWhole(response)) await keepPage(url.pathname, response.clone());
      return response;
    }
    return (await keptPage(url)) ?? response;
  } catch (error) {
    const kept = await keptPage(url);
    if (kept) return kept;
    throw error;
  }
}

async function keptPage(url) {
  const cache = await caches.open(pagesCache);
  if (isComparing(url)) return cache.match(url.pathname);
  const newest = (await cache.keys()).at(-1);
  return newest && Response.redirect(newest.url);
}
