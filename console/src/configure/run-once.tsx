// Run Once: before or after the services of each deployment.
import type { Errors } from "../api/submit";
import { Checkbox, Choices, NumberField } from "../parts/field";
import type { ConfigureForm } from "./form";

const PHASES = [
  { value: "pre_deployment", label: "Pre-Deployment", hint: "Before the services are touched. If it fails, the deployment stops there." },
  { value: "post_deployment", label: "Post-Deployment", hint: "After the services. If it fails, the environment's settings say what happens." },
] as const;

type Once = ConfigureForm["once"];

interface Props {
  value: Once;
  onInput: (value: Once) => void;
  errors: Errors;
}

export function RunOnceFields({ value, onInput, errors }: Props) {
  return (
    <div class="form">
      <Choices label="When" value={value.phase} choices={PHASES} onInput={(phase) => onInput({ ...value, phase })} {...errors.at("run.phase")} />
      <NumberField label="Order" value={value.order} onInput={(order) => onInput({ ...value, order })} min={0} max={999}
        hint="Lower numbers run first; equal ones run side by side." {...errors.at("run.order")} />
      <Checkbox label="Run on rollback" value={value.runOnRollback} onInput={(runOnRollback) => onInput({ ...value, runOnRollback })}
        hint="Otherwise a rollback leaves it out." />
    </div>
  );
}
