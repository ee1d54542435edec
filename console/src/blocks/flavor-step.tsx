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
          <li key={value} class={value === flavor ? "card linked flavor chosen" : "card linked flavor"}>
            <Icon name={value === "job" ? "play" : "rocket"} />
            <h3>
              <button type="button" class="cover" aria-pressed={value === flavor} aria-describedby={`${id}-${value}`} onClick={() => onChoose(value)}>{label}</button>
            </h3>
            <p class="soft" id={`${id}-${value}`}>{hint}</p>
          </li>
        ))}
      </ul>
    </>
  );
}
