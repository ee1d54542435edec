// Add KintoBlock: one types a few letters and chooses, by keyboard or mouse (the combobox of the ARIA practices, its list always in sight).
import { useId, useState } from "preact/hooks";

import type { Schemas } from "../api/client";
import { may } from "../api/me";
import { internalName } from "../blocks/internal-name";
import { Badge } from "../parts/status";
import { ButtonLink } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { Field } from "../parts/field";
import { NoMatch, SearchMore } from "../parts/search";
import { Empty, Failure } from "../parts/states";
import { href } from "../router";
import { type Found, useBlockSearch } from "./block-search";

type Block = Schemas["BlockAnswer"];

interface Props {
  project: string;
  onChoose: (block: string) => void;
  onClose: () => void;
}

export function AddBlock({ project, onChoose, onClose }: Props) {
  const [active, setActive] = useState(0);
  const found = useBlockSearch(project);
  const { search, list: pages } = found;
  const list = useId();
  const at = Math.min(active, found.blocks.length - 1);
  const optionId = (index: number) => `${list}-${index}`;

  function key(event: KeyboardEvent) {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined && found.blocks.length > 0) {
      event.preventDefault();
      const next = (to + found.blocks.length) % found.blocks.length;
      setActive(next);
      document.getElementById(optionId(next))?.scrollIntoView({ block: "nearest" });
    }
    const chosen = found.blocks[at];
    if (event.key === "Enter" && chosen) onChoose(chosen.internal_name);
  }

  return (
    <Dialog title="Add KintoBlock" onClose={onClose}>
      {pages.items?.length === 0 && !search.text && !search.search && !pages.more ? <NoBlocks /> : (
        <>
          <Field label="Search KintoBlocks" hint="Arrow keys choose, Enter adds.">
            {(wired) => (
              <input {...wired} type="text" role="combobox" autofocus autocomplete="off" spellcheck={false} placeholder="Name"
                aria-autocomplete="list" aria-expanded={found.blocks.length > 0} aria-controls={list} aria-activedescendant={at >= 0 ? optionId(at) : undefined}
                value={search.text} maxLength={200} onInput={(event) => (search.onInput(event.currentTarget.value), setActive(0))} onKeyDown={key} />
            )}
          </Field>
          <ul class="block-options" role="listbox" id={list} aria-label="KintoBlocks">
            {found.blocks.map((block, i) => (
              <Option key={block.internal_name} id={optionId(i)} block={block} chosen={i === at} onChoose={onChoose} onPoint={() => setActive(i)} />
            ))}
          </ul>
          <Outcome found={found} />
        </>
      )}
    </Dialog>
  );
}

interface OptionProps {
  id: string;
  block: Block;
  chosen: boolean;
  onChoose: (block: string) => void;
  onPoint: () => void;
}

function Option({ id, block, chosen, onChoose, onPoint }: OptionProps) {
  return (
    <li role="option" id={id} aria-selected={chosen} onClick={() => onChoose(block.internal_name)} onMouseMove={onPoint}>
      <span class="option-name">{block.name}</span>
      {block.internal_name !== internalName(block.name) && <span class="faint">{block.internal_name}</span>}
      <Badge>{block.flavor === "job" ? "JOB" : "SERVICE"}</Badge>
    </li>
  );
}

function Outcome({ found }: { found: Found }) {
  const { search, list } = found;
  if (list.error && !list.items) return <Failure error={list.error} retry={list.refresh} />;
  if (found.reading) return <p class="faint" role="status"><span class="spinner" aria-hidden="true" /> Searching…</p>;
  const count = found.blocks.length;
  return (
    <>
      <div role="status">
        {count > 0 ? <p class="hidden-text">{count === 1 ? "1 KintoBlock" : `${count} KintoBlocks`}</p> : (
          <NoMatch one="KintoBlock" of={search} list={list}>
            {may("admin", "stack") && <ButtonLink href={href("blocks", "new")} icon="plus">Create New KintoBlock</ButtonLink>}
          </NoMatch>
        )}
      </div>
      <SearchMore of={search} list={list} />
    </>
  );
}

function NoBlocks() {
  return (
    <Empty title="There is no KintoBlock yet.">
      <p>A job or service is created once, then added to as many environments as you like.</p>
      {may("admin", "stack")
        ? <ButtonLink href={href("blocks", "new")} kind="primary" icon="plus">Create New KintoBlock</ButtonLink>
        : <p>An admin of all projects creates them.</p>}
    </Empty>
  );
}
