// The variables that a run gets from its block, unless they are given here.
import type { Schemas } from "../api/client";
import { Button } from "../parts/button";

type Variable = Schemas["Variable"];

interface Props {
  defaults: readonly Variable[];
  given: readonly Variable[];
  onOverride: (variable: Variable) => void;
}

export function Defaults({ defaults, given, onOverride }: Props) {
  if (defaults.length === 0) return null;
  const names = new Set(given.map(({ name }) => name));
  return (
    <section class="defaults" aria-label="From the block">
      <h3>From the block</h3>
      <ul class="list">
        {defaults.map((one) => {
          const replaced = names.has(one.name);
          return (
            <li key={one.name} class={replaced ? "replaced" : ""}>
              <code class="grow">{one.name}{one.masked ? "" : `=${one.value ?? ""}`}</code>
              <span class="faint">{[one.masked && "masked", one.required && "required"].filter(Boolean).join(", ")}</span>
              {replaced
                ? <span class="faint">given below</span>
                : <Button kind="quiet" aria-label={`Override ${one.name}`} onClick={() => onOverride(one)}>Override</Button>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
