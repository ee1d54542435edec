// Sticking to the end of a box that grows, until its reader scrolls up.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

const NEAR = 12;

export function useFollow(box: RefObject<HTMLElement | null>, first: boolean) {
  const [follow, setFollow] = useState(first);
  const there = box.current;
  const [, redraw] = useState(0);
  useLayoutEffect(() => {
    if (box.current !== there) redraw((n) => n + 1);
  });

  useEffect(() => {
    if (!there) return;
    let [top, height] = [there.scrollTop, there.scrollHeight];
    function scrolled() {
      if (!there) return;
      const atEnd = there.scrollHeight - there.scrollTop - there.clientHeight < NEAR;
      // A box whose content got another height moves by itself; only its reader moves it up at the same height.
      if (atEnd) setFollow(true);
      else if (there.scrollTop < top && there.scrollHeight === height) setFollow(false);
      [top, height] = [there.scrollTop, there.scrollHeight];
    }
    there.addEventListener("scroll", scrolled, { passive: true });
    return () => there.removeEventListener("scroll", scrolled);
  }, [there]);

  useEffect(() => {
    if (!there || !follow) return;
    const stick = () => there.scrollTo({ top: there.scrollHeight });
    const watch = new ResizeObserver(stick);
    for (const child of there.children) watch.observe(child);
    stick();
    return () => watch.disconnect();
  }, [there, follow]);

  return { follow, setFollow };
}
