// The first steps of who begins: which are done, and where each is taken.
import { href } from "../router";

export interface Known {
  /** Whether there is any block. */
  blocks: boolean;
  /** The only project's environment; null where there is no project. */
  first: { project: string; environment: string; blocks: number; status: string } | null;
}

export interface Step {
  title: string;
  words: string;
  done: boolean;
  to: string;
  action: string;
}

export function firstSteps({ blocks, first }: Known): Step[] {
  const there = first ? href("projects", first.project, first.environment) : href("projects");
  return [
    { title: "Create a KintoBlock", words: "A piece of a repository, an image or a command that is to run.", done: blocks, to: href("blocks", "new"), action: "Create New KintoBlock" },
    { title: "Create a project", words: "Its environments say where and when blocks run.", done: first !== null, to: href("projects"), action: "Go to Projects" },
    { title: "Configure it", words: "Add the block to an environment: before or after each deployment, or on a schedule.", done: (first?.blocks ?? 0) > 0, to: there, action: first ? "Configure" : "Go to Projects" },
    { title: "Deploy", words: "Compare what changes, confirm, and watch it run.", done: first !== null && first.status !== "not_deployed", to: there, action: first ? "Deploy" : "Go to Projects" },
  ];
}

/** The step to take now; -1 when all are done. */
export function present(steps: readonly Step[]): number {
  return steps.findIndex((step) => !step.done);
}
