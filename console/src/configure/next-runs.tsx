// The next five runs of a pattern, in UTC and by local clocks side by side, and what to know about it.
import { Fragment } from "preact";

import { wallTime } from "./clocks";
import type { Asked } from "./preview";

// As many as are asked for: what is below stays where it is while a pattern is not whole yet.
const NONE = Array<undefined>(5).fill(undefined);

export function NextRuns({ asked: { preview, settled } }: { asked: Asked }) {
  const zone = !preview || preview.timezone === "UTC" ? Intl.DateTimeFormat().resolvedOptions().timeZone : preview.timezone;
  const runs = preview?.next_runs.map(({ utc }) => utc) ?? NONE;
  return (
    <div class={settled ? "next-runs" : "next-runs waiting"}>
      <table>
        <caption>Next five runs</caption>
        <thead><tr><th scope="col">UTC</th><th scope="col">Local <span class="zone">(<ZoneName zone={zone} />)</span></th></tr></thead>
        <tbody>
          {runs.map((utc, i) => (
            <tr key={i}><td>{utc ? <time dateTime={utc}>{wallTime(utc, "UTC")}</time> : "—"}</td><td>{utc ? wallTime(utc, zone) : "—"}</td></tr>
          ))}
        </tbody>
      </table>
      {preview && preview.warnings.length > 0 && (
        <ul class="notice warn" role="status">{preview.warnings.map((warning) => <li key={warning}>{warning}</li>)}</ul>
      )}
    </div>
  );
}

/** A zone's name, which may be long, broken after its slashes. */
function ZoneName({ zone }: { zone: string }) {
  return <>{zone.split("/").map((part, i) => <Fragment key={i}>{i > 0 && <>/<wbr /></>}{part}</Fragment>)}</>;
}
