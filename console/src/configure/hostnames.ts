// A hostname for a block that is added to an environment.
const LONGEST = 48;

/** The block's own name where it is free, else `name-2`, `name-3`, ... */
export function freeHostname(block: string, taken: Iterable<string>): string {
  const there = new Set(taken);
  for (let number = 1; ; number++) {
    const end = number === 1 ? "" : `-${number}`;
    const name = block.slice(0, LONGEST - end.length).replace(/-+$/, "") + end;
    if (!there.has(name)) return name;
  }
}
