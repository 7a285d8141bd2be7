/**
 * Whether code that a model wrote may be a derivation. It runs in the sandbox that is passed in and nowhere else:
 * on all examples, where it must be right, and on perturbed inputs, where it must not fail. Where our own language
 * can say the same it becomes a program of it: the code is then the oracle of the search, and is not kept.
 */
import { derive, SOURCE_CHARACTERS_MAX, type Derivation } from '../expressions/derivation.ts';
import type { RunDerivation } from '../expressions/run-code.ts';
import { synthesize, type Example } from '../synthesis/synthesize.ts';
import { isOfKind } from '../template/matcher.ts';
import { perturbationsOf } from './perturb.ts';

export interface CodeProposal {
  readonly source: string;
  /** Never empty, the examples of one target; all have the same variables. */
  readonly examples: readonly Example[];
}

export type CodeVerdict =
  | { readonly kind: 'derivation'; readonly derivation: Derivation }
  /** For the model: it may quote data. */
  | { readonly kind: 'problem'; readonly problem: string };

/** Of one job: a few dozen inputs, each twice and in a fresh realm. */
const BUDGET_MS = 3000;
/** Examples whose inputs are perturbed. */
const PERTURBED_MAX = 3;
/** Answers of the oracle that the search learns from; the others only check. */
const LEARNED_MAX = 8;

/** Errors: those of `run`. */
export async function checkCode(proposal: CodeProposal, run: RunDerivation): Promise<CodeVerdict> {
  const { source } = proposal;
  if (source.length > SOURCE_CHARACTERS_MAX) return problem('the code is too long');
  const names = [...(proposal.examples[0]?.inputs.keys() ?? [])];
  // What the code does not mention it is not given, so that it cannot depend on it.
  const variables = names.filter((name) => source.includes(name));
  if (variables.length === 0) return problem('it reads none of its variables');
  const examples = proposal.examples.map(({ inputs, output }) => ({
    inputs: only(inputs, variables),
    output,
  }));
  const perturbed = examples
    .slice(0, PERTURBED_MAX)
    .flatMap((example) => perturbationsOf(example.inputs));
  const inputs = [...examples.map((example) => example.inputs), ...perturbed];
  const result = await run({ source, inputs, budgetMs: BUDGET_MS });
  if (result.kind === 'rejected') return problem(describe(result, inputs));
  const outputs = result.values.map(({ text }) => text);
  const wrong = examples.findIndex((example, index) => outputs[index] !== example.output);
  if (wrong >= 0) return problem(describeWrong(examples[wrong], outputs[wrong]));
  const tried = perturbed.map((each, index) => ({
    inputs: each,
    output: outputs[examples.length + index] ?? '',
  }));
  if (isMadeUp(examples, tried))
    return problem("it gives the same output whatever it is given; return '' for unknown inputs");
  return {
    kind: 'derivation',
    derivation: translate(examples, tried) ?? { kind: 'javascript', source, variables },
  };
}

function problem(text: string): CodeVerdict {
  return { kind: 'problem', problem: text };
}

function only(inputs: Example['inputs'], names: readonly string[]): Map<string, string> {
  return new Map(names.map((name) => [name, inputs.get(name) ?? '']));
}

function describe(
  { code, input }: { readonly code: string; readonly input?: number },
  inputs: readonly Example['inputs'][],
): string {
  const given = input === undefined ? undefined : inputs[input];
  const where = given === undefined ? '' : ` for ${JSON.stringify(Object.fromEntries(given))}`;
  return `it was refused by the sandbox${where}: ${code}`;
}

function describeWrong(example: Example | undefined, output: string | undefined): string {
  const inputs = JSON.stringify(Object.fromEntries(example?.inputs ?? []));
  return `for ${inputs} it gives ${JSON.stringify(output)}, not ${JSON.stringify(example?.output)}`;
}

/**
 * Whether nonsense always gets one and the same answer: a constant in disguise, or a table with a default. Only
 * of numbers can one answer be right for all that was tried.
 */
function isMadeUp(examples: readonly Example[], tried: readonly Example[]): boolean {
  const isNumeric = examples.every((example) =>
    [...example.inputs.values()].every((value) => isOfKind('number', value)),
  );
  const outputs = new Set(tried.map((example) => example.output));
  const [output = ''] = outputs;
  if (outputs.size !== 1 || output === '') return false;
  return !isNumeric || examples.every((example) => example.output === output);
}

/** The programs of our language that agree with the code wherever it was tried, its refusals included. */
function translate(
  examples: readonly Example[],
  tried: readonly Example[],
): Derivation | undefined {
  const known = tried.filter((example) => example.output !== '').slice(0, LEARNED_MAX);
  const programs = synthesize([...examples, ...known]);
  if (programs.length === 0) return undefined;
  const derivation: Derivation = { kind: 'programs', programs };
  const agrees = [...examples, ...tried].every(({ inputs, output }) => {
    const derived = derive(derivation, inputs);
    return (derived.kind === 'value' ? derived.value : '') === output;
  });
  return agrees ? derivation : undefined;
}
