// What a block says, to read.
import { type ComponentChildren, Fragment } from "preact";

import { may } from "../api/me";
import { Empty } from "../parts/states";
import { Section } from "../parts/page";
import { Time } from "../parts/time";
import { href } from "../router";
import type { Block } from "./draft";
import { flavorWord, sourceWord } from "./words";

export function BlockFacts({ block }: { block: Block }) {
  const { repository, source } = block;
  return (
    <>
      <dl class="facts card">
        <Fact label="Internal Name"><code>{block.internal_name}</code></Fact>
        <Fact label="Flavor">{flavorWord(block.flavor)}</Fact>
        <Fact label="Source Type">{sourceWord(source.type)}</Fact>
        {source.type === "image" && <Fact label="Image" wide><code>{source.image}</code></Fact>}
        {repository && <Fact label="Repository" wide>{repository.url.startsWith("https://") ? <a href={repository.url} rel="noreferrer" target="_blank">{repository.url}</a> : <code>{repository.url}</code>}</Fact>}
        {repository && <Fact label="Branch">{repository.branch}</Fact>}
        {repository && <Fact label="Source Folder Path">{repository.source_folder || "the root"}</Fact>}
        {repository && <Fact label="Token">{block.has_token ? "stored, not shown" : "none of its own"}</Fact>}
        {source.type === "dockerfile" && <Fact label="Docker File Path"><code>{source.dockerfile}</code></Fact>}
        <Fact label="Projects" wide={(block.projects?.length ?? 0) > 2}><ProjectNames names={block.projects} /></Fact>
        <Fact label="Created"><Time at={block.created_at} /></Fact>
        <Fact label="Changed"><Time at={block.updated_at} /></Fact>
      </dl>
      {source.type === "command" && source.build && <Section title="Build"><pre class="command">{source.build}</pre></Section>}
      {source.command && <Section title="Command"><pre class="command">{source.command}</pre></Section>}
      <Section title="Default variables"><Variables block={block} /></Section>
    </>
  );
}

function Fact({ label, wide, children }: { label: string; wide?: boolean; children: ComponentChildren }) {
  return <div class={wide ? "wide" : undefined}><dt>{label}</dt><dd>{children}</dd></div>;
}

function ProjectNames({ names }: { names: Block["projects"] }) {
  if (names === null) return <>all may use it</>;
  if (names.length === 0) return <>none may use it</>;
  return <>{names.map((name, i) => <Fragment key={name}>{i > 0 && ", "}<a href={href("projects", name)}>{name}</a></Fragment>)}</>;
}

function Variables({ block: { variables } }: { block: Block }) {
  if (variables.length === 0) return <Empty title="No default variables."><p>{may("admin", "stack") && "“Edit” adds some. "}Every environment begins with them and may say otherwise.</p></Empty>;
  return (
    <div class="table-frame" role="region" aria-label="Table of the default variables" tabIndex={0}>
      <table class="variables-table">
        <thead><tr><th scope="col">Variable</th><th scope="col">Value</th><th scope="col">Required</th></tr></thead>
        <tbody>
          {variables.map(({ name, value, masked, required }) => (
            <tr key={name}>
              <th scope="row"><code>{name}</code></th>
              <td>{masked ? <span class="soft">masked, not shown</span> : value ? <span class="mono">{value}</span> : <span class="faint">no value</span>}</td>
              <td>{required ? "required" : "—"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
