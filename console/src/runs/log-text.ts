// A log's lines as plain text, and where a searched text occurs in them.

// Colours, cursor moves and titles of terminals: CSI, OSC (ended by BEL or ST), and the two-character ones.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** What a person would see of a line in a terminal, without colours: of a progress bar its last state. */
export function plain(text: string): string {
  const seen = text.replace(ESCAPES, "").replace(/\r+$/, "");
  return seen.slice(seen.lastIndexOf("\r") + 1).replace(CONTROLS, "");
}

export interface Hit {
  /** The line's index, from 0. */
  line: number;
  /** Where in the line it begins. */
  start: number;
}

/** All places where `wanted` occurs, whatever its case, in order. */
export function search(lines: readonly { plain: string }[], wanted: string): Hit[] {
  const hits: Hit[] = [];
  const pattern = patternOf(wanted);
  if (!pattern) return hits;
  for (const [line, { plain }] of lines.entries()) {
    for (const found of plain.matchAll(pattern)) hits.push({ line, start: found.index });
  }
  return hits;
}

export interface Piece {
  text: string;
  start: number;
  hit: boolean;
}

/** A line cut at what is searched for. */
export function pieces(text: string, wanted: string): Piece[] {
  const pattern = patternOf(wanted);
  if (!pattern) return [{ text, start: 0, hit: false }];
  const cut: Piece[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (index > end) cut.push({ text: text.slice(end, index), start: end, hit: false });
    cut.push({ text: found, start: index, hit: true });
    end = index + found.length;
  }
  if (end < text.length || !cut.length) cut.push({ text: text.slice(end), start: end, hit: false });
  return cut;
}

function patternOf(wanted: string): RegExp | null {
  return wanted ? new RegExp(wanted.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"), "giu") : null;
}

/** Which lines are drawn: the last `most`, or as many around the one that is looked at. */
export function shown(count: number, most: number, around: number | null): { from: number; to: number } {
  if (count <= most) return { from: 0, to: count };
  const from = around === null ? count - most : Math.min(Math.max(0, around - Math.floor(most / 2)), count - most);
  return { from, to: from + most };
}
