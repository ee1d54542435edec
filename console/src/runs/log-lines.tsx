// The lines of a log, in chunks that the browser lays out only when they come into sight.
import { useMemo } from "preact/hooks";

import { LOCALE, utc } from "../parts/time";
import { href } from "../router";
import type { Line } from "./log";
import { type Hit, pieces } from "./log-text";

const CHUNK = 200;
const clock = new Intl.DateTimeFormat(LOCALE, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23",
});

interface Props {
  run: string;
  lines: readonly Line[];
  from: number;
  to: number;
  timestamps: boolean;
  wanted: string;
  hit: Hit | null;
  /** The line of the address, from 1. */
  linked: number | null;
  onLink: (event: MouseEvent, line: number) => void;
}

export function LogLines(props: Props) {
  const { from, to, hit, linked } = props;
  const chunks = [];
  for (let start = Math.floor(from / CHUNK) * CHUNK; start < to; start += CHUNK) {
    const [first, end] = [Math.max(start, from), Math.min(start + CHUNK, to)];
    const inside = (index: number | undefined) => index !== undefined && index >= first && index < end;
    chunks.push(
      <Chunk key={start} {...props} from={first} to={end} hit={inside(hit?.line) ? hit : null}
        linked={linked !== null && inside(linked - 1) ? linked : null} />,
    );
  }
  return <>{chunks}</>;
}

/** Drawn again only when something of it has changed: the lines that are there never do. */
function Chunk({ run, lines, from, to, timestamps, wanted, hit, linked, onLink }: Props) {
  return useMemo(
    () => (
      <div class="log-chunk" style={{ "--lines": to - from }}>
        {lines.slice(from, to).map((line, i) => {
          const index = from + i;
          const classes = linked === index + 1 ? "log-line linked" : "log-line";
          return (
            <div class={classes} key={index} data-line={index + 1}>
              <a class="log-number" href={`${href("runs", run)}?line=${index + 1}`} tabIndex={-1} aria-label={`Line ${index + 1}`}
                onClick={(event) => onLink(event, index + 1)}>{index + 1}</a>
              {timestamps && <time class="log-time" dateTime={line.at} title={utc(new Date(line.at))}>{clock.format(new Date(line.at))}</time>}
              <span class="log-text">{wanted ? marked(line.plain, wanted, hit?.line === index ? hit.start : null) : line.plain}</span>
            </div>
          );
        })}
      </div>
    ),
    [run, lines, from, to, timestamps, wanted, hit, linked],
  );
}

function marked(text: string, wanted: string, current: number | null) {
  return pieces(text, wanted).map((piece) =>
    piece.hit ? <mark class={piece.start === current ? "current" : ""} key={piece.start}>{piece.text}</mark> : piece.text,
  );
}
