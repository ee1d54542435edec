// Where one was on a page: kept for each entry of the browser's history, so that Back and a reload lead there.
import { entry } from "./router";

interface Position {
  top: number;
  /** The address of the link that was followed from here. */
  link?: string;
  /** How many more pages of a list were shown, by the list's key. */
  pages?: Record<string, number>;
}

const KEY = "kintoblocks.positions";
const MOST = 100;
// So long a page may grow under a position to which it returns.
const PATIENCE_MS = 5000;
const positions = new Map<string, Position>(read());
let returning = false;

history.scrollRestoration = "manual";
addEventListener("scroll", () => returning || change({ top: scrollY }), { passive: true });
addEventListener("pagehide", write);
addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("main a[href^='#']") : null;
  if (link) change({ link: link.getAttribute("href")! });
}, { capture: true });

function read(): [string, Position][] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]") as [string, Position][];
  } catch {
    return [];
  }
}

function write(): void {
  sessionStorage.setItem(KEY, JSON.stringify([...positions].slice(-MOST)));
}

function change(to: Partial<Position>): void {
  const here = entry.peek();
  const before = positions.get(here) ?? { top: 0 };
  positions.delete(here);
  positions.set(here, { ...before, ...to });
}

/** How many pages beyond the first were shown of this list, where one returns to it. */
export function pagesShown(key: string): number {
  return positions.get(entry.peek())?.pages?.[key] ?? 0;
}

export function keepPages(key: string, count: number): void {
  change({ pages: { ...positions.get(entry.peek())?.pages, [key]: count } });
}

/** Scrolls a page that was just opened to where one was, as far as it is there already, and focuses `heading` or the link that was followed. */
export function returnTo(main: HTMLElement, heading: boolean): () => void {
  const { top, link } = positions.get(entry.peek()) ?? { top: 0 };
  if (heading) main.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  scrollTo(0, top);
  if (top === 0) return () => undefined;
  returning = true;
  const sizes = new ResizeObserver(() => {
    scrollTo(0, top);
    const followed = heading && link && [...main.querySelectorAll<HTMLElement>("a[href]")].find((one) => one.getAttribute("href") === link);
    if (followed && document.activeElement?.tagName !== "A") followed.focus({ preventScroll: true });
  });
  const events = ["wheel", "touchstart", "keydown", "pointerdown"];
  const timer = setTimeout(stop, PATIENCE_MS);
  function stop() {
    returning = false;
    sizes.disconnect();
    clearTimeout(timer);
    for (const name of events) removeEventListener(name, stop);
  }
  sizes.observe(main);
  for (const name of events) addEventListener(name, stop, { passive: true });
  return stop;
}
