// The next five runs of a pattern, in UTC and by local clocks side by side, and what to know about it.
import { wallTime } from "./clocks";
import type { Asked } from "./preview";

export function NextRuns({ asked: { preview, settled } }: { asked: Asked }) {
  if (!preview) return null;
  const zone = preview.timezone === "UTC" ? Intl.DateTimeFormat().resolvedOptions().timeZone : preview.timezone;
  return (
    <div class={settled ? "next-runs" : "next-runs waiting"}>
      <table>
        <caption>Next five runs</caption>
        <thead><tr><th scope="col">UTC</th><th scope="col">Local <span class="zone">({zone})</span></th></tr></thead>
        <tbody>
          {preview.next_runs.map(({ utc }) => (
            <tr key={utc}><td><time dateTime={utc}>{wallTime(utc, "UTC")}</time></td><td>{wallTime(utc, zone)}</td></tr>
          ))}
        </tbody>
      </table>
      {preview.warnings.length > 0 && (
        <ul class="notice warn" role="status">{preview.warnings.map((warning) => <li key={warning}>{warning}</li>)}</ul>
      )}
    </div>
  );
}
