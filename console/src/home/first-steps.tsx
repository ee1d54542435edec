// What to do first, while there is no project that was ever deployed.
import { api, ask, type Schemas } from "../api/client";
import { keyOf } from "../api/environment";
import { useResource } from "../api/resource";
import { ButtonLink } from "../parts/button";
import { Icon } from "../parts/icon";
import { Section } from "../parts/page";
import { firstSteps, present } from "./steps";

const SLOWLY = 30_000;

/** `projects`: the first page of all. Nothing is shown to who has got further. */
export function FirstSteps({ projects }: { projects: Schemas["ProjectListed"][] }) {
  const few = projects.length < 2;
  const only = few ? projects[0]?.internal_name : undefined;
  const blocks = useResource(few ? "blocks?limit=1" : null, () => ask(api.GET("/blocks", { params: { query: { limit: 1 } } })), SLOWLY);
  const project = useResource(only ? `projects/${only}` : null, () => ask(api.GET("/projects/{project}", { params: { path: { project: only! } } })), SLOWLY);
  const name = project.data?.environments[0]?.internal_name;
  const at = only && name ? { project: only, environment: name } : null;
  const found = useResource(at && keyOf(at), () => ask(api.GET("/projects/{project}/environments/{environment}", { params: { path: at! } })), SLOWLY);
  if (!few || !blocks.data || (only && !found.data)) return null;
  const first = at && found.data ? { ...at, blocks: found.data.blocks.length, status: found.data.status } : null;
  const steps = firstSteps({ blocks: blocks.data.items.length > 0, first });
  const next = present(steps);
  if (steps[3]!.done) return null;
  return (
    <Section title="First steps">
      <ol class="home-steps">
        {steps.map((step, i) => (
          <li class={step.done ? "card home-step done" : "card home-step"} key={step.title} aria-current={i === next ? "step" : undefined}>
            <span class="home-step-number">{step.done ? <><Icon name="check" /><span class="hidden-text">Done</span></> : i + 1}</span>
            <div><h3>{step.title}</h3><p>{step.words}</p></div>
            {!step.done && <ButtonLink href={step.to} kind={i === next ? "primary" : "plain"}>{step.action}</ButtonLink>}
          </li>
        ))}
      </ol>
    </Section>
  );
}
