// Create New KintoBlock: flavor, repository, details; one may go back and forth, and reload, without losing anything.
import { useEffect } from "preact/hooks";

import { Problem } from "../api/problem";
import { may } from "../api/me";
import { invalidate } from "../api/resource";
import { useSubmit } from "../api/submit";
import { checkRepository, createBlock } from "../blocks/create";
import { DetailsStep } from "../blocks/details-step";
import { repositoryUrl, type Flavor } from "../blocks/draft";
import { FlavorStep } from "../blocks/flavor-step";
import { forgetDraft, NEW, type NewDraft, useKeptDraft } from "../blocks/kept-draft";
import { RepositoryStep } from "../blocks/repository-step";
import { leaveSteps } from "../blocks/step-heading";
import { type Step, stepOf, STEPS, stepWith } from "../blocks/steps";
import { AdminsOnly } from "../parts/admins-only";
import { Button } from "../parts/button";
import { Page } from "../parts/page";
import { tidy } from "../parts/variables-rows";
import { href, navigate, query } from "../router";
import "../styles/blocks.css";

function go(step: Step): void {
  navigate(`${href("blocks", "new")}?step=${step}`);
}

const CRUMBS = [{ label: "KintoBlocks", href: href("blocks") }];

export function CreateBlockPage() {
  if (may("admin", "stack")) return <Steps />;
  return <Page title="Create New KintoBlock" crumbs={CRUMBS}><AdminsOnly what="Only admins of all projects create KintoBlocks." /></Page>;
}

function Steps() {
  const [draft, change] = useKeptDraft();
  const step = stepOf(query.value.get("step"), draft);
  useEffect(() => leaveSteps, []);
  const { submit, proceed, create } = useSending(draft, change, step);

  function move(to: Step, changes: Partial<NewDraft> = {}) {
    submit.clear();
    change(changes);
    go(to);
  }
  return (
    <Page title="Create New KintoBlock" crumbs={CRUMBS}
      actions={draft.flavor && <Button kind="quiet" icon="undo" onClick={() => move("flavor", NEW)}>Start over</Button>}>
      <div class="steps">
        <Progress step={step} />
        {step === "flavor" && <FlavorStep flavor={draft.flavor} onChoose={(flavor: Flavor) => move("repository", { flavor })} />}
        {step === "repository" && (
          <RepositoryStep draft={draft} change={change} submit={submit} onBack={() => move("flavor")} onContinue={() => void proceed()}
            onImage={() => move("details", { source: { ...draft.source, type: "image" } })} />
        )}
        {step === "details" && <DetailsStep draft={draft} change={change} submit={submit} onBack={() => move("repository")} onCreate={() => void create()} />}
      </div>
    </Page>
  );
}

function useSending(draft: NewDraft, change: (changes: Partial<NewDraft>) => void, step: Step) {
  const submit = useSubmit();

  async function proceed() {
    const url = repositoryUrl(draft.repository.url);
    if (!(await submit.run(async () => checkRepository(draft)))) return;
    change({ repository: { ...draft.repository, url } });
    go("details");
  }

  async function create() {
    // What is sent and what is shown have the same rows, so that an error stands at the row it is about.
    const sent = { ...draft, variables: tidy(draft.variables).map((one) => ({ ...one, value: one.value ?? "" })) };
    change({ variables: sent.variables });
    let created = "";
    const fine = await submit.run(async (key) => {
      try {
        created = await createBlock(sent, key);
      } catch (error) {
        const wrong = error instanceof Problem ? stepWith(error.fields.keys()) : null;
        if (wrong && wrong !== step) go(wrong);
        throw error;
      }
    });
    if (!fine) return;
    forgetDraft();
    invalidate("blocks");
    navigate(`${href("blocks", created)}?created=1`);
  }

  return { submit, proceed, create };
}

const TITLES: Record<Step, string> = { flavor: "Flavor", repository: "Repository", details: "Name and source" };

function Progress({ step }: { step: Step }) {
  return (
    <ol class="progress" aria-label="Steps">
      {STEPS.map((one) => <li key={one} aria-current={one === step ? "step" : undefined}>{TITLES[one]}</li>)}
    </ol>
  );
}
