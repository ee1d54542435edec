// The heading of a step: it gets the focus when its step is entered, so that a screen reader says where one is.
import { useLayoutEffect, useRef } from "preact/hooks";

let entered = "";

/** Called when the steps are left, so that the next first step leaves the focus to the page. */
export function leaveSteps(): void {
  entered = "";
}

export function StepHeading({ children }: { children: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Before the step is painted: later, it would take the focus from who already types.
  useLayoutEffect(() => {
    if (entered && entered !== children) {
      heading.current?.focus();
      scrollTo(0, 0);
    }
    entered = children;
  }, []);
  return <h2 class="step-heading" tabIndex={-1} ref={heading}>{children}</h2>;
}
