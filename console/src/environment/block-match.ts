// Which blocks a few typed letters mean.
interface Named {
  name: string;
  internal_name: string;
}

/** Those with every word of `text` in one of their names; those that begin with it come first. */
export function matching<T extends Named>(blocks: readonly T[], text: string): T[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = blocks.filter((block) => words.every((word) => names(block).some((name) => name.includes(word))));
  const first = (block: T) => words.length > 0 && names(block).some((name) => name.startsWith(words[0]!));
  return [...fits.filter(first), ...fits.filter((block) => !first(block))];
}

function names({ name, internal_name }: Named): string[] {
  return [name.toLowerCase(), internal_name];
}
