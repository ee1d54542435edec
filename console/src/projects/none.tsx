// What stands where who is signed in sees no project: what to do, or whom to ask.
import type { ComponentChildren } from "preact";

import { may, me } from "../api/me";
import { Empty } from "../parts/states";
import { list } from "../tokens/roles";

/** `children`: the way on for those who may create one. */
export function NoProjects({ title = "No projects yet", children = <p>Create a KintoBlock, then a project that runs it.</p> }: { title?: string; children?: ComponentChildren }) {
  const limits = me.value?.projects;
  if (limits) {
    return (
      <Empty title="No project of this token is there any more.">
        <p>It is limited to {list(limits)}. Ask an admin for another token.</p>
      </Empty>
    );
  }
  return <Empty title={title}>{may("admin", "stack") ? children : <p>An admin creates projects; then they are shown here.</p>}</Empty>;
}
