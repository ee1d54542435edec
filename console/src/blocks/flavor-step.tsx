// Step 1: what kind of block it is.
import { useId } from "preact/hooks";

import { Icon } from "../parts/icon";
import type { Flavor } from "./draft";
import { StepHeading } from "./step-heading";
import { FLAVORS } from "./words";

export function FlavorStep({ flavor, onChoose }: { flavor: Flavor | null; onChoose: (flavor: Flavor) => void }) {
  const id = useId();
  return (
    <>
      <StepHeading>Choose the flavor</StepHeading>
      <ul class="cards flavors">
        {FLAVORS.map(({ value, label, hint }) => (
          <li key={value}>
            <button type="button" class={value === flavor ? "card flavor chosen" : "card flavor"} aria-pressed={value === flavor} aria-labelledby={`${id}-${value}`}
              aria-describedby={`${id}-${value}-hint`} onClick={() => onChoose(value)}>
              <Icon name={value === "job" ? "play" : "rocket"} />
              <strong id={`${id}-${value}`}>{label}</strong>
              <span class="soft" id={`${id}-${value}-hint`}>{hint}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
