// Repeat Schedule: the pattern with its meaning under it while one types, its zone, and what happens with ticks that collide or were missed.
import { useId } from "preact/hooks";

import { api, ask } from "../api/client";
import { useResource } from "../api/resource";
import type { Errors } from "../api/submit";
import { Button } from "../parts/button";
import { Choices, TextField } from "../parts/field";
import type { ConfigureForm } from "./form";
import { NextRuns } from "./next-runs";
import { type Asked, usePreview } from "./preview";

const OVERLAPS = [
  { value: "skip", label: "Skip", hint: "While a run is active, ticks are skipped." },
  { value: "queue", label: "Queue", hint: "One waits for the active run; further ones are skipped." },
  { value: "replace", label: "Replace", hint: "The active run is cancelled for the new one." },
  { value: "allow", label: "Allow", hint: "They run side by side." },
] as const;
const CATCH_UPS = [
  { value: "none", label: "None", hint: "What was missed stays missed, and is written down." },
  { value: "last", label: "Last", hint: "One run makes up for the last that was missed." },
] as const;
const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

type Schedule = ConfigureForm["schedule"];

interface Props {
  value: Schedule;
  onInput: (value: Schedule) => void;
  errors: Errors;
}

export function ScheduleFields({ value, onInput, errors }: Props) {
  const asked = usePreview(value.cron, value.timezone);
  const zones = useId();
  // What was refused when sent is old as soon as the preview speaks of the present text.
  const errorOf = (name: string) => asked.errors.get(name) ?? (asked.settled && asked.preview ? undefined : errors.at(`run.${name}`).error);
  function change(to: Partial<Schedule>) {
    for (const name of Object.keys(to)) errors.edit(`run.${name}`);
    onInput({ ...value, ...to });
  }
  return (
    <div class="form">
      <TextField label="CRON PATTERN" class="mono cron" value={value.cron} onInput={(cron) => change({ cron })} error={errorOf("cron")}
        hint={<Meaning asked={asked} />} />
      <QuickPatterns present={value.cron} onChoose={change} />
      <TextField label="Time zone" list={zones} value={value.timezone} onInput={(timezone) => change({ timezone })} error={errorOf("timezone")}
        hint={<>In which the pattern is meant. <Mine present={value.timezone} onChoose={(timezone) => change({ timezone })} /></>} />
      <datalist id={zones}>{ZONES.map((zone) => <option key={zone} value={zone} />)}</datalist>
      <NextRuns asked={asked} />
      <Choices label="Overlap" value={value.overlap} choices={OVERLAPS} onInput={(overlap) => change({ overlap })} error={errors.at("run.overlap").error} />
      <Choices label="Catch-up" value={value.catch_up} choices={CATCH_UPS} onInput={(catch_up) => change({ catch_up })} error={errors.at("run.catch_up").error} />
    </div>
  );
}

function Meaning({ asked: { preview, settled } }: { asked: Asked }) {
  const words = preview ? preview.description : settled ? "" : "…";
  return <span class="meaning" aria-live="polite" aria-busy={!settled}>{words}</span>;
}

function QuickPatterns({ present, onChoose }: { present: string; onChoose: (to: Partial<Schedule>) => void }) {
  const found = useResource("quick-patterns", () => ask(api.GET("/quick-patterns")));
  const id = useId();
  return (
    <div class="quick-patterns" role="group" aria-labelledby={id}>
      <p id={id}>Quick Patterns</p>
      <div class="actions">
        {found.data?.items.map(({ label, cron }) => (
          <Button key={cron} aria-pressed={cron === present.trim()} title={cron} onClick={() => onChoose(meant(label, cron))}>{label}</Button>
        ))}
      </div>
    </div>
  );
}

// "Daily at 8:00 UTC" would not be true in another zone.
function meant(label: string, cron: string): Partial<Schedule> {
  return label.endsWith("UTC") ? { cron, timezone: "UTC" } : { cron };
}

function Mine({ present, onChoose }: { present: string; onChoose: (zone: string) => void }) {
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!mine || mine === present) return null;
  return <button type="button" class="as-link" onClick={() => onChoose(mine)}>Use mine, {mine}</button>;
}
