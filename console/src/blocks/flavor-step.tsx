// Step 1: what kind of block it is.
import { Icon } from "../parts/icon";
import type { Flavor } from "./draft";
import { StepHeading } from "./step-heading";
import { FLAVORS } from "./words";

export function FlavorStep({ flavor, onChoose }: { flavor: Flavor | null; onChoose: (flavor: Flavor) => void }) {
  return (
    <>
      <StepHeading>Choose the flavor</StepHeading>
      <ul class="cards flavors">
        {FLAVORS.map(({ value, label, hint }) => (
          <li key={value}>
            <button type="button" class={value === flavor ? "card flavor chosen" : "card flavor"} aria-pressed={value === flavor} onClick={() => onChoose(value)}>
              <Icon name={value === "job" ? "play" : "rocket"} />
              <strong>{label}</strong>
              <span class="soft">{hint}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
