// From when on what was configured counts.
import type { Configured } from "../configure/form";

/** In one or two sentences; `resting`: the environment is shut down. */
export function takesEffect({ hostname, flavor, run }: Configured, isNew: boolean, resting: boolean): string {
  const nextDeployment = "takes effect with the next deployment";
  if (flavor === "service") return `${hostname}: this ${nextDeployment}.`;
  if (run?.mode === "manual") {
    const code = isNew ? "Until the next deployment it runs the code at the head of its ref." : `Another ref ${nextDeployment}.`;
    return `${hostname} runs only when somebody starts it; limits and variables are live at once. ${code}`;
  }
  if (run?.mode !== "repeat_schedule") {
    return isNew ? `${hostname} runs from the next deployment on.` : `${hostname}: this ${nextDeployment}. Runs that are started by hand use its limits and variables at once.`;
  }
  if (resting) return `${hostname}: the environment is shut down; its schedule rests until the next deployment.`;
  const code = isNew ? "Until the next deployment it runs the code at the head of its ref." : `Another ref ${nextDeployment}.`;
  return `${hostname}: schedule, limits and variables are live at once. ${code}`;
}
