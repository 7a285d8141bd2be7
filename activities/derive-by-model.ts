/** Step 5 as a model takes it: code for what is left to derive, tried in the sandbox before anything else. */
import { checkCode } from '../core/induction/check-code.ts';
import {
  derivationTask,
  disjoint,
  type Derived,
  type DeriveInput,
  type DerivationTask,
} from '../core/induction/derive.ts';
import type { Placed } from '../core/induction/arrange.ts';
import type { Checked } from '../core/induction/checked.ts';
import { inputsOf, type Derivation } from '../core/expressions/derivation.ts';
import type { RunDerivation } from '../core/expressions/run-code.ts';
import { orphansOf } from '../core/induction/provenance.ts';
import { overlaps } from '../core/induction/span.ts';
import { askAgent, toReport, type AgentReport } from './ask-agent.ts';
import { deriveInput, describeDerived } from './derive.ts';
import { openRun, type Run, type StepDeps } from './run.ts';
import { shownExchange, shownSpan } from './steps-by-model.ts';

/** `rest`: only what the symbolic step has left unexplained. */
export type DeriveWhat = 'all' | 'rest';

/** Errors: ModelError, StoreError, StepFault. */
export async function deriveByModel(
  deps: StepDeps,
  id: string,
  what: DeriveWhat,
): Promise<AgentReport> {
  const run = await openRun(deps, id);
  const { runDerivation } = deps;
  if (runDerivation === undefined) return { note: 'no sandbox', abstained: 'no_model' };
  const input = await deriveInput(run);
  const base = baseOf(input, run, what);
  const targets = targetsOf(input, run, base);
  if (targets.length === 0)
    return { note: 'nothing that a model could derive', abstained: 'nothing_found' };
  const { exchange } = run;
  const reply = await askAgent(deps, run, {
    agent: 'deriver',
    data: {
      ...shownExchange(exchange, input.from),
      targets: targets.map(({ dependent, task }) => ({
        target: dependent.name,
        ...shownSpan(exchange, dependent),
        examples: task.examples.slice(0, SHOWN_EXAMPLES).map(({ inputs, output }) => ({
          inputs: Object.fromEntries(inputs),
          output,
        })),
      })),
    },
    check: ({ functions }) => checkFunctions(targets, functions, runDerivation),
  });
  if (reply.kind === 'abstained') return toReport(reply);
  const derived = addDerivations(base, reply.value);
  await run.save('derive', derived);
  return { note: `${describeDerived(derived)} (${reply.note})` };
}

const SHOWN_EXAMPLES = 6;

interface Target {
  readonly dependent: Placed;
  readonly task: DerivationTask;
}

function baseOf(input: DeriveInput, run: Run, what: DeriveWhat): Derived {
  const { placed, dependents } = input.arranged;
  return what === 'rest'
    ? run.proposal('derive')
    : { placed, derived: [], unexplained: dependents };
}

/** What is worth asking for: what varies by the arranger's word, or else what came out of thin air. */
function targetsOf(input: DeriveInput, { exchange, parameters }: Run, base: Derived): Target[] {
  const { chosen, dependents } = input.arranged;
  const orphans = orphansOf({
    messages: exchange.messages,
    placed: base.placed,
    unexplained: base.unexplained,
    parameters,
    others: input.others,
  });
  return dependents.flatMap((dependent) => {
    const from = chosen?.find(({ name }) => name === dependent.name)?.from;
    const isOpen =
      chosen === undefined
        ? orphans.some((span) => overlaps(span, dependent))
        : from !== undefined && base.unexplained.some((span) => overlaps(span, dependent));
    if (!isOpen || base.placed.some((span) => overlaps(span, dependent))) return [];
    const task = taskFor(input, base.placed, dependent, from);
    return (task.examples[0]?.inputs.size ?? 0) === 0 ? [] : [{ dependent, task }];
  });
}

function taskFor(
  input: DeriveInput,
  placed: readonly Placed[],
  dependent: Placed,
  from: readonly string[] | undefined,
): DerivationTask {
  const offered = input.groups.filter((group) => from?.includes(group.name) ?? true);
  const task = derivationTask(input, placed, dependent, disjoint(offered, placed, dependent));
  if (from === undefined) return task;
  const examples = task.examples.map(({ inputs, output }) => ({
    inputs: new Map([...inputs].filter(([name]) => from.includes(name))),
    output,
  }));
  return { ...task, examples };
}

interface Found extends Target {
  readonly derivation: Derivation;
}

async function checkFunctions(
  targets: readonly Target[],
  functions: readonly { readonly target: string; readonly code: string }[],
  run: RunDerivation,
): Promise<Checked<readonly Found[]>> {
  const found: Found[] = [];
  const problems: string[] = [];
  const open = new Map(targets.map((target) => [target.dependent.name, target]));
  for (const { target: name, code } of functions) {
    const target = open.get(name);
    if (target === undefined) {
      problems.push(`${JSON.stringify(name)} is no target, or has a function already`);
      continue;
    }
    open.delete(name);
    const verdict = await checkCode({ source: code, examples: target.task.examples }, run);
    if (verdict.kind === 'problem') problems.push(`${JSON.stringify(name)}: ${verdict.problem}`);
    else found.push({ ...target, derivation: verdict.derivation });
  }
  return { value: found.length === 0 ? undefined : found, problems };
}

/** Sources become variables where a derivation reads them; what they overlap with stays as it was. */
function addDerivations(base: Derived, found: readonly Found[]): Derived {
  let { placed } = base;
  const derived = [...base.derived];
  for (const { dependent, task, derivation } of found) {
    const read = new Set(inputsOf(derivation));
    const taken = placed;
    const needed = task.sources.filter(
      (span) => read.has(span.name) && !taken.some((other) => overlaps(span, other)),
    );
    const names = new Set([...taken, ...needed].map((span) => span.name));
    const isReadable = task.sources.every((span) => !read.has(span.name) || names.has(span.name));
    if (!isReadable || taken.some((span) => overlaps(span, dependent))) continue;
    placed = [...taken, ...needed, dependent];
    derived.push({ span: dependent, derivation });
  }
  const unexplained = base.unexplained.filter(
    (span) => !placed.some((other) => overlaps(span, other)),
  );
  return { placed, derived, unexplained };
}
