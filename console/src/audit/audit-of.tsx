// The audit of one thing on its own page: closed until somebody asks, and for those alone who may read it.
import { useState } from "preact/hooks";

import { may } from "../api/me";
import { AuditList } from "./list";
import { auditPage, type Filter, useAudit } from "./read";

export function AuditOf(filter: Filter) {
  const [opened, setOpened] = useState(false);
  if (!may("admin")) return null;
  return (
    <section class="section" aria-label="Audit">
      <details class="audit-of" onToggle={(event) => event.currentTarget.open && setOpened(true)}>
        <summary><h2>Audit</h2> <span class="soft">who changed what</span></summary>
        {opened && <Found filter={filter} />}
      </details>
    </section>
  );
}

function Found({ filter }: { filter: Filter }) {
  return (
    <>
      <AuditList entries={useAudit(filter)} nothing="What somebody changes here is written down, and kept for a year." />
      <p class="audit-all"><a href={auditPage(filter)}>Look at these in the audit</a></p>
    </>
  );
}
