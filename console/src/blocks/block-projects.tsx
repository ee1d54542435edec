// Which projects may use a block: all, or those that are chosen.
import type { Submit } from "../api/submit";
import { type Limit, ProjectsField } from "../tokens/projects-field";
import type { BlockDraft } from "./draft";

const MAX_CHOSEN = 50;
const HINT = "Only they see it, configure it and run it: with its default variables, masked ones included, and its private repository.";

export const PROJECTS_FIELDS = ["projects", ...Array.from({ length: MAX_CHOSEN }, (_, i) => `projects[${i}]`)];

interface Props {
  draft: BlockDraft;
  change: (changes: Partial<BlockDraft>) => void;
  submit: Submit;
}

export function BlockProjects({ draft: { projects }, change, submit }: Props) {
  const limit = { of: projects === null ? "all" : "chosen", chosen: projects ?? [] } as const;
  const { error } = submit.at(...PROJECTS_FIELDS);
  function choose({ of, chosen }: Limit) {
    submit.edit("projects");
    change({ projects: of === "all" ? null : chosen });
  }
  return <ProjectsField hint={HINT} limit={{ ...limit, chosen: [...limit.chosen] }} error={error} onInput={choose} />;
}
