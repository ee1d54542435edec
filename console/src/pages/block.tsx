// One KintoBlock: what it is, to change and to delete.
import { useState } from "preact/hooks";

import { api, ask, ifMatch } from "../api/client";
import { may } from "../api/me";
import { invalidate, useResource } from "../api/resource";
import { AuditOf } from "../audit/audit-of";
import type { Block } from "../blocks/draft";
import { EditBlock } from "../blocks/edit-block";
import { BlockFacts } from "../blocks/facts";
import { flavorWord } from "../blocks/words";
import { Button, ButtonLink } from "../parts/button";
import { Confirm } from "../parts/dialog";
import { Page } from "../parts/page";
import { Shown } from "../parts/states";
import { Badge } from "../parts/status";
import { announce } from "../parts/toast";
import { href, query, replace } from "../router";
import "../styles/blocks.css";

export function BlockPage({ block: name }: { block: string }) {
  const key = `blocks/${name}`;
  const found = useResource(key, () => ask(api.GET("/blocks/{block}", { params: { path: { block: name } } })), 15_000);
  const [editing, setEditing] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const block = found.data;
  const saved = () => {
    setEditing(false);
    replace(href("blocks", name));
    invalidate("blocks");
    announce("Saved");
  };
  return (
    <Page title={block?.name ?? name} crumbs={[{ label: "KintoBlocks", href: href("blocks") }]} beside={block && <Badge>{flavorWord(block.flavor)}</Badge>}
      actions={block && !editing && may("admin", "stack") && (
        <>
          <Button kind="quiet" icon="trash" onClick={() => setDeleting(true)}>Delete</Button>
          <Button icon="gear" onClick={() => setEditing(true)}>Edit</Button>
        </>
      )}>
      <Shown of={found}>
        {(there) => (
          <>
            {query.value.has("created") && !editing && <Created block={there} />}
            {editing ? <EditBlock block={there} onSaved={saved} onCancel={() => setEditing(false)} /> : <BlockFacts block={there} />}
            {!editing && <AuditOf block={name} />}
            {deleting && <DeleteBlock block={there} onClose={() => setDeleting(false)} />}
          </>
        )}
      </Shown>
    </Page>
  );
}

function Created({ block }: { block: Block }) {
  return (
    <div class="notice good block-created" role="status">
      <p><strong>{block.name} is created.</strong> It runs nowhere yet: a project's environment says when.</p>
      <div class="actions">
        <ButtonLink kind="primary" href={href("projects")}>Add it to a project</ButtonLink>
        <ButtonLink href={href("blocks", "new")}>Create another KintoBlock</ButtonLink>
      </div>
    </div>
  );
}

function DeleteBlock({ block, onClose }: { block: Block; onClose: () => void }) {
  async function remove() {
    await ask(api.DELETE("/blocks/{block}", { params: { path: { block: block.internal_name } }, headers: ifMatch(block.version) }));
    // Not invalidated: this page would read once more what is gone, and the list is read anyway when it is shown.
    replace(href("blocks"));
    announce(`${block.name} is deleted`);
  }
  return (
    <Confirm title={`Delete ${block.name}`} action="Delete KintoBlock" danger typed="DELETE" onConfirm={remove} onClose={onClose}>
      <p>Its repository and its runs' history stay; what it says, its variables and its token go. While an environment has it configured, it can't be deleted.</p>
    </Confirm>
  );
}
