// What a deployment adds, changes and removes, field by field: words and signs beside the colours.
import type { ComponentChildren } from "preact";

import "../styles/deploy.css";
import { type BlockChange, type Changes, isEmpty, type Kind, KINDS, type Row, rows } from "./versions";

interface Props {
  changes: Changes;
  /** What stands where there is no difference. */
  nothing: ComponentChildren;
  /** Up to so many blocks, those added and removed are shown with all their fields; else they can be opened. */
  mostOpen?: number;
}

export function ChangesView({ changes, nothing, mostOpen = 4 }: Props) {
  const count = KINDS.reduce((sum, { kind }) => sum + changes[kind].length, 0);
  return (
    <div class="changes">
      {changes.warnings.length > 0 && (
        <div class="notice warn">
          <p><strong>This could not be told:</strong></p>
          <ul>{changes.warnings.map((one) => <li key={one}>{one}</li>)}</ul>
        </div>
      )}
      {isEmpty(changes) && nothing}
      {KINDS.map(({ kind, word, sign }) => changes[kind].length > 0 && (
        <section key={kind} class={`change-group ${kind}`} aria-label={word}>
          <h3>{word} <span class="number">({changes[kind].length})</span></h3>
          <ul>
            {changes[kind].map((one) => (
              <li key={one.hostname}><Block change={one} kind={kind} sign={sign} open={kind === "changed" || count <= mostOpen} /></li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Block({ change, kind, sign, open }: { change: BlockChange; kind: Kind; sign: string; open: boolean }) {
  const told = rows(change);
  const name = (
    <>
      <span class="sign" aria-hidden="true">{sign}</span> <strong>{change.hostname}</strong>
      {change.block !== change.hostname && <span class="soft"> {change.block}</span>}
    </>
  );
  // Most often only the commit differs: a line says that.
  if (told.length === 1) return <div class="one-field"><span>{name}</span><Fields rows={told} kind={kind} /></div>;
  return (
    <details open={open}>
      <summary>{name}<span class="faint field-count"> {told.length} fields</span></summary>
      <Fields rows={told} kind={kind} />
    </details>
  );
}

/** Field by field; `kind` says whether both sides are told. */
export function Fields({ rows, kind }: { rows: readonly Row[]; kind: Kind }) {
  return (
    <dl class="field-changes">
      {rows.map((row) => (
        <div key={row.field}>
          <dt>{row.label}</dt>
          <dd>{row.secret ? <Secret row={row} /> : <Values row={row} kind={kind} />}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Of a masked value only that it differs is told. */
function Secret({ row }: { row: Row }) {
  if (row.before === null) return <span>masked, new</span>;
  return <span>{row.after === null ? "masked, gone" : "masked, changed"}</span>;
}

function Values({ row, kind }: { row: Row; kind: Kind }) {
  if (kind === "added") return <Value of={row.after} />;
  if (kind === "removed") return <Value of={row.before} />;
  return (
    <>
      <span class="hidden-text">from </span><del><Value of={row.before} /></del>
      <span class="arrow" aria-hidden="true"> → </span><span class="hidden-text"> to </span><ins><Value of={row.after} /></ins>
    </>
  );
}

function Value({ of }: { of: string | null }) {
  if (of === null) return <span class="none">nothing</span>;
  return of === "" ? <span class="none">empty</span> : <code>{of}</code>;
}
