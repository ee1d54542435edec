// Who may start a run with another command or variables, in words.
import type { Environment } from "../api/environment";

type RunOverrides = NonNullable<Environment["run_overrides"]> | "usual";

export const OVERRIDES_CHOICES: readonly { value: RunOverrides; label: string; hint: string }[] = [
  { value: "usual", label: "Deployers, unless something is masked", hint: "Admins only where a job has masked variables, or a role: another command could print what it knows." },
  { value: "deployer", label: "Deployers", hint: "Whatever is masked: deployers may then print it." },
  { value: "admin", label: "Admins only", hint: "Deployers run jobs as they are configured." },
];

export function choiceOf(setting: Environment["run_overrides"]): RunOverrides {
  return setting ?? "usual";
}

export function settingOf(choice: RunOverrides): Environment["run_overrides"] {
  return choice === "usual" ? null : choice;
}
