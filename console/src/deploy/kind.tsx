// What kind of deployment it is.
import type { At } from "../api/environment";
import type { Brief } from "./progress";
import { deploymentPage } from "./versions-dialog";

/** "Deploy", "Rollback to deployment 2", "Automatic rollback to deployment 2". */
export function Kind({ at, deployment: { rollback_of: to, automatic } }: { at: At; deployment: Brief }) {
  if (to === null) return <>Deploy</>;
  return <>{automatic ? "Automatic rollback" : "Rollback"} to <a href={deploymentPage(at, to)}>deployment {to}</a></>;
}
