// What stands in a log's place when there is none: not yet, never, or nothing was printed.
import { Empty } from "../parts/states";
import { useRun } from "./run";

export function LogEmpty({ run, ended }: { run: string; ended: boolean }) {
  const { data } = useRun(run);
  if (!ended) {
    return <Empty title="No output yet"><p>{data?.status === "queued" ? "It waits to begin; its output comes here by itself." : "Its output comes here by itself."}</p></Empty>;
  }
  if (data && !data.started_at) {
    const because = data.reason ? `It never began: ${data.reason}` : "It never began";
    return <Empty title={because}><p>So there is no log.</p></Empty>;
  }
  return <Empty title="It printed nothing" />;
}
