"""Blocks, by name, and the places that use them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.domain.blocks import Block
from chalicelib.domain.names import searchable
from chalicelib.store import table
from chalicelib.store.items import Item
from chalicelib.store.table import Slice, Write

BLOCKS = "blocks"
LAST = "~"  # after every place


def get(name: str) -> Block | None:
    """The block of this internal name."""
    return table.get(BLOCKS, name, Block)


def get_many(names: Iterable[str]) -> dict[str, Block]:
    """The blocks of these names that exist."""
    return {block.internal_name: block for block in table.get_many(((BLOCKS, name) for name in names), Block)}


def page(
    limit: int, start: Mapping[str, Any] | None, words: Sequence[str] = ()
) -> tuple[list[Block], dict[str, Any] | None]:
    """A page of blocks, by name; with `words`, of those that have all of them in their names."""
    found = table.search(BLOCKS, words, limit, start)
    return [table.decode(item, Block) for item in found.items], found.next


def create(block: Block) -> Write:
    """Put a new block, used nowhere."""
    return table.create(BLOCKS, block.internal_name, block, uses=0, search=_search(block))


def replace(block: Block, uses: int | None = None) -> Write:
    """Put the next version of a block; how often it is used stays, and is `uses` where that is given."""
    actions = [*table.next_version(block), Item.search.set(_search(block))]
    present = Item.version == block.version
    condition = present if uses is None else present & (Item.uses == uses)
    return table.update(BLOCKS, block.internal_name, actions, condition)


def _search(block: Block) -> str:
    return searchable(block.name, block.internal_name)


def delete(block: Block) -> Write:
    """Delete a block that is used nowhere and has not changed since it was read."""
    return table.delete(BLOCKS, block.internal_name, (Item.version == block.version) & (Item.uses == 0))


def use(block: Block, place: str) -> tuple[Write, Write]:
    """Note that `place` (`project/environment/hostname`) uses the block, which must be as it was read."""
    unchanged = Item.data.contains(f'"uid":"{block.uid}"') & (Item.version == block.version)
    return (
        table.update(BLOCKS, block.internal_name, [Item.uses.add(1)], unchanged),
        Write("put", Item(_uses(block.uid), place), Item.pk.does_not_exist()),
    )


def disuse(name: str, uid: str, place: str) -> tuple[Write, Write]:
    """Note that `place` does not use the block any more."""
    return (
        table.update(BLOCKS, name, [Item.uses.add(-1)]),
        table.delete(_uses(uid), place, Item.pk.exists()),
    )


def uses(block: Block, limit: int) -> Slice:
    """The first places that use a block, in the rows' sort keys."""
    return table.page(_uses(block.uid), limit=limit)


def use_count(block: Block) -> int:
    """Return in how many places the block is used."""
    item = table.row(BLOCKS, block.internal_name)
    return int(item.uses or 0) if item is not None else 0


def uses_outside(block: Block, projects: Iterable[str], limit: int) -> list[str]:
    """Return the first places, a few more than `limit`, that use a block in other projects than these.

    Places are sorted by their project, so that one query reads each gap between two of `projects`.
    """
    found: list[str] = []
    edges = sorted(f"{name}/" for name in projects)
    for after, before in zip(["", *edges], [*edges, LAST], strict=True):
        # "0" follows "/": what is after "shop/" and not in it begins with "shop0" or later.
        low = f"{after[:-1]}0" if after else "-"
        gap = Item.sk.between(low, before)
        found += [item.sk for item in table.page(_uses(block.uid), limit=limit + 1, condition=gap).items]
        if len(found) > limit:
            break
    return found


def _uses(uid: str) -> str:
    return f"uses#{uid}"
