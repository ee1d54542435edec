// The panel's form as it is kept while it is not saved.
import type { At } from "../api/environment";
import { dropDraft, keepDraft, readDraft } from "../parts/draft";
import { keptNames, withoutSecrets } from "../parts/variables-rows";
import { added, type Block, type Configured, type ConfigureForm, differ, present } from "./form";

/** `base`: what was configured when one began; null where the block is added. */
export interface Kept {
  form: ConfigureForm;
  base: Configured | null;
  /** The variables whose masked values were typed, and are not kept. */
  lost: string[];
}

/** The name of a draft; without `opened` of a block that is added. */
export function draftName({ project, environment }: At, block: string, opened: { hostname: string } | undefined): string {
  return `configure/${project}/${environment}/${opened ? opened.hostname : `+${block}`}`;
}

export function fresh(block: Block, opened: Configured | undefined, hostname: string): ConfigureForm {
  return opened ? present(opened, block) : added(block, hostname);
}

export function readKept(name: string, opened: Configured | undefined): Kept | null {
  const kept = readDraft<Kept>(name);
  return kept && Boolean(kept.base) === Boolean(opened) ? kept : null;
}

/** Those of `lost` that were not typed again. */
export function stillLost(lost: readonly string[], { variables }: ConfigureForm): string[] {
  return lost.filter((name) => variables.some((row) => row.name === name && !row.value));
}

/** Keeps what differs from `base`, or nothing; whether it differs. `lostBefore` are lost values of a draft that was read. */
export function keep(name: string, form: ConfigureForm, base: Configured | undefined, block: Block, hostname: string, lostBefore: readonly string[]): boolean {
  const dirty = differ(form, fresh(block, base, hostname));
  const { variables, lost: typed } = withoutSecrets(form.variables, keptNames([...(base?.variables ?? []), ...block.variables]));
  const lost = [...typed, ...stillLost(lostBefore, form)];
  if (dirty) keepDraft(name, { form: { ...form, variables }, base: base ?? null, lost } satisfies Kept);
  else dropDraft(name);
  return dirty;
}
