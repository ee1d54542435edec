// What another person changed meanwhile (412), beside what I changed; one takes theirs or sends one's own again.
import { useEffect, useRef } from "preact/hooks";

import { Problem } from "../api/problem";
import "../styles/stale.css";
import { Button } from "./button";
import { differences, type Difference, type Labels, type Words } from "./stale-fields";

/** Runs `send`; where it is refused as stale, reads what is there now and hands it to `onStale`. Whether it was sent. */
export async function unlessStale<T>(send: () => Promise<unknown>, read: () => Promise<T>, onStale: (there: T) => void): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 412) throw error;
    onStale(await read());
    return false;
  }
}

interface Props {
  began: object;
  there: object;
  mine: object;
  /** Paths and how they are called on the screen; these alone are compared. */
  labels: Labels;
  words?: Words;
  /** Drops my changes: the form shows what is there now. */
  onTakeTheirs: () => void;
  /** Sends my changes once more, on top of theirs (`rebased`). */
  onSendMine: () => void;
  busy?: boolean;
}

export function Stale({ began, there, mine, labels, words, onTakeTheirs, onSendMine, busy }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [there]);
  const found = differences(began, there, mine, labels, words);
  const theirs = found.some(({ by }) => by !== "me");
  return (
    <section class="stale" aria-label="Changed meanwhile">
      <h3 tabIndex={-1} ref={heading}>Somebody else changed this meanwhile</h3>
      <p>
        {theirs ? "Nothing of yours has been saved yet. Where both of you changed a field, sending yours again overwrites theirs; the rest of theirs stays."
          : "What they changed is not in this form. Nothing of yours has been saved yet; it can be sent again."}
      </p>
      {found.length > 0 && <Differences found={found} />}
      <div class="actions">
        <Button onClick={onTakeTheirs}>Take theirs</Button>
        <Button kind="primary" busy={busy ?? false} onClick={onSendMine}>Send mine again</Button>
      </div>
    </section>
  );
}

const BY = { them: "changed by them", me: "changed by you", both: "changed by both" };

function Differences({ found }: { found: Difference[] }) {
  return (
    <div class="table-frame" role="region" aria-label="What differs" tabIndex={0}>
      <table>
        <thead>
          <tr><th scope="col">Field</th><th scope="col">Before</th><th scope="col">Theirs</th><th scope="col">Yours</th></tr>
        </thead>
        <tbody>
          {found.map(({ label, was, theirs, mine, by }) => (
            <tr key={label}>
              <th scope="row">{label}<span class={by === "both" ? "by both" : "by"}>{BY[by]}</span></th>
              <td data-label="Before">{was}</td>
              <td data-label="Theirs">{by === "me" ? <span class="faint">{theirs}</span> : <strong>{theirs}</strong>}</td>
              <td data-label="Yours">{by === "them" ? <span class="faint">{mine}</span> : <strong>{mine}</strong>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
