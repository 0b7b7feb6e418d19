/**
 * The service worker, served at /sw.js behind `const SETTING = {…}` (config/webapp.py).
 *
 * It keeps the files of one release and the pages named in SETTING, which are rendered without anybody's
 * data; no other page is ever kept, and what is not a GET passes it by: the pages own what they send.
 * It also hands the unlocked key from a page that closes to the one that opens, in memory only.
 */

const { release, files, pages, doors, queue, engine } = SETTING;
const FILES = `waraqa-files-${release}`;
const PAGES = "waraqa-pages";
const OWNER = "/owner";
// How long a page waits for the network before the kept copy is shown, in milliseconds.
const PATIENCE = 3000;
// How long a key handed over by a closing page waits for the next one, in milliseconds.
const HANDOVER = 20_000;
// What a file's name ends with once its content is in it (Django's manifest storage).
const HASHED = /\.[0-9a-f]{12}\.\w+$/;
const GATEWAY = new Set([502, 503, 504]);

const known = new Set(files.map((address) => new URL(address, location.origin).href));
let handed = null;

const fill = async () => {
  const cache = await caches.open(FILES);
  await cache.addAll(files.map((address) => new Request(address, { cache: "no-cache" })));
};

const clean = async () => {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("waraqa-files-") && name !== FILES);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
};

/** The kept page that answers an address: its path in the cache, or nothing. */
const keptPath = ({ pathname }) =>
  pages.find(({ path, like }) => path === pathname || (like && new RegExp(like).test(pathname)))?.path;

const isWhole = (response) => response.ok && response.type === "basic" && !response.redirected;

const keep = async (path, response) => {
  if (isWhole(response)) await (await caches.open(PAGES)).put(path, response);
};

const stored = async (path) => (await caches.open(PAGES)).match(path, { ignoreVary: true });

const marked = async (mark) => (await caches.open(PAGES)).put(OWNER, new Response(JSON.stringify(mark)));

/**
 * Keep the pages of who works here. Those kept for somebody else go first; those of another release or in
 * another language serve until the new ones are there, since the network may go at any moment.
 */
const keepPages = async ({ owner, language, paths }) => {
  const before = await (await stored(OWNER))?.json();
  if (before?.owner !== owner) {
    await caches.delete(PAGES);
    await marked({ owner });
  }
  const isSame = before?.owner === owner && before.language === language && before.release === release;
  const ours = paths.filter((path) => pages.some((page) => page.path === path));
  for (const path of ours) {
    if (!isSame || !(await stored(path))) await keep(path, await fetch(path, { credentials: "same-origin" }));
  }
  if (!isSame) await marked({ owner, language, release });
};

const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The network's answer, kept on the way; nothing when it is out of reach. */
const fetched = async (request, path) => {
  try {
    const response = await fetch(request);
    if (GATEWAY.has(response.status)) return null;
    if (path) await keep(path, response.clone());
    return response;
  } catch {
    return null;
  }
};

const away = (url) => {
  const asked = doors.includes(url.pathname) ? "" : `?${new URLSearchParams({ absente: url.pathname })}`;
  return Response.redirect(queue + asked);
};

/** Network first, for three seconds; then the kept copy; without one, the queue says what is not there. */
const page = async (event, url) => {
  const path = keptPath(url);
  const answer = fetched(event.request, path);
  event.waitUntil(answer.catch(() => null));
  const first = path ? await Promise.race([answer, later(PATIENCE)]) : await answer;
  const copy = first ? null : path && (await stored(path));
  const found = first ?? copy ?? (await answer);
  if (found) return found;
  return (await stored(queue)) && url.pathname !== queue ? away(url) : Response.error();
};

/** A hashed name never changes: the copy first. A plain one is the release's: the network first. */
const file = async (request) => {
  // A page of the next release may be kept already: its files lie in the cache of the worker that waits.
  const copy = () => caches.match(request, { ignoreVary: true });
  if (HASHED.test(request.url)) return (await copy()) ?? fetch(request);
  try {
    return await fetch(request);
  } catch {
    return (await copy()) ?? Response.error();
  }
};

/** The engine: its script comes with its policy, from the server first; Python is kept, and renewed, by its pages. */
const engineFile = async (request, isScript) => {
  const copy = () => caches.match(request, { cacheName: "waraqa-engine", ignoreVary: true });
  if (request.cache === "no-store") return fetch(request);
  if (!isScript) return (await copy()) ?? fetch(request);
  const answer = await fetch(request).catch(() => null);
  return answer?.ok && !answer.redirected ? answer : ((await copy()) ?? answer ?? Response.error());
};

/** Pages of the two work places and the doors that lead to them; others are the browser's own business. */
const isOurs = (url) =>
  doors.includes(url.pathname) || pages.some(({ path }) => url.pathname.startsWith(`/${path.split("/")[1]}/`));

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(clean()));

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (isOurs(url)) event.respondWith(page(event, url));
  } else if (known.has(url.href) || HASHED.test(url.pathname)) {
    event.respondWith(file(request));
  } else if (url.pathname === engine.script || url.pathname.startsWith(engine.folder)) {
    event.respondWith(engineFile(request, url.pathname === engine.script));
  }
});

const ORDERS = {
  activate: () => skipWaiting(),
  pages: (order) => keepPages(order),
  forget: () => {
    handed = null;
    return caches.delete(PAGES);
  },
  // A key lives here in memory while one page closes and the next one opens.
  give: ({ key, owner }) => {
    const mine = { key, owner };
    handed = mine;
    return later(HANDOVER).then(() => {
      if (handed === mine) handed = null;
    });
  },
  take: ({ owner }, event) => {
    event.ports[0].postMessage(handed?.owner === owner ? handed.key : null);
    handed = null;
  },
};

addEventListener("message", (event) => {
  const { order } = event.data;
  if (Object.hasOwn(ORDERS, order)) event.waitUntil(Promise.resolve(ORDERS[order](event.data, event)));
});
