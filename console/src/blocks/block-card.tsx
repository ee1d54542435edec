// One KintoBlock in the list of all.
import { Badge } from "../parts/status";
import { href } from "../router";
import type { Block } from "./draft";
import { internalName } from "./internal-name";
import { flavorWord, originOf, sourceWord } from "./words";

export function BlockCard({ block }: { block: Block }) {
  return (
    <li class="card linked block-card">
      <div class="block-card-head">
        <h2><a class="cover" href={href("blocks", block.internal_name)}>{block.name}</a></h2>
        <Badge>{flavorWord(block.flavor)}</Badge>
      </div>
      {block.internal_name !== internalName(block.name) && <p class="mono soft">{block.internal_name}</p>}
      <p class="soft">{sourceWord(block.source.type)}</p>
      <p class="mono soft block-origin">{originOf(block)}</p>
    </li>
  );
}
