// The audit: who changed what, newest first, chosen by project, KintoBlock and person.
import { may } from "../api/me";
import { Problem } from "../api/problem";
import { AuditFilters } from "../audit/filters";
import { AuditList } from "../audit/list";
import { filterOf, useAudit } from "../audit/read";
import { AdminsOnly } from "../parts/admins-only";
import { Page } from "../parts/page";
import { query } from "../router";

export function AuditPage() {
  return (
    <Page title="Audit" lead="Every change by a person or a program with a token, kept for a year. Values that are masked are never told.">
      {may("admin") ? <Content /> : <AdminsOnly what="Only admins read the audit." />}
    </Page>
  );
}

function Content() {
  const filter = filterOf(query.value);
  const found = useAudit(filter);
  const wrong = found.error instanceof Problem ? found.error.fields : new Map<string, string>();
  const filtered = Object.keys(filter).length > 0;
  const nothing = filtered ? "Nothing that is still kept fits; choose less, or show all." : "What people change from now on is written down here.";
  return (
    <>
      <AuditFilters filter={filter} errors={wrong} />
      {wrong.size === 0 && <AuditList entries={found} nothing={nothing} />}
    </>
  );
}
