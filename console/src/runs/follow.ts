// Sticking to the end of a box that grows, until its reader scrolls up.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const NEAR = 12;
const SETTLED_MS = 150;

export function useFollow(box: RefObject<HTMLElement | null>, first: boolean) {
  const [follow, setFollow] = useState(first);
  const following = useRef(follow);
  following.current = follow;
  const there = box.current;
  const [, redraw] = useState(0);
  useLayoutEffect(() => {
    if (box.current !== there) redraw((n) => n + 1);
  });

  useEffect(() => {
    if (!there) return;
    let [top, changed, timer] = [there.scrollTop, false, 0];
    function scrolled() {
      if (!there) return;
      const atEnd = there.scrollHeight - there.scrollTop - there.clientHeight < NEAR;
      // A box whose content has just changed moves by itself, also upwards; else it is its reader who moves it.
      if (atEnd) setFollow(true);
      else if (there.scrollTop < top && !changed) setFollow(false);
      top = there.scrollTop;
    }
    function grown() {
      changed = true;
      clearTimeout(timer);
      timer = window.setTimeout(() => (changed = false), SETTLED_MS);
      if (following.current) there?.scrollTo({ top: there.scrollHeight });
    }
    const sizes = new ResizeObserver(grown);
    for (const child of there.children) sizes.observe(child);
    const lines = new MutationObserver(grown);
    lines.observe(there, { childList: true, subtree: true });
    there.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      clearTimeout(timer);
      sizes.disconnect();
      lines.disconnect();
      there.removeEventListener("scroll", scrolled);
    };
  }, [there]);

  useEffect(() => {
    if (follow) there?.scrollTo({ top: there.scrollHeight });
  }, [there, follow]);

  return { follow, setFollow };
}
