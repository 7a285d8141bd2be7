/** What a model named, made into groups. A name must be a name, be free, and say nothing of a value. */
import { isVariableName } from '../template/template.ts';
import type { Checked } from './checked.ts';
import { leaksValue, nameVariables, toSnakeCase, type NamedGroup } from './name.ts';
import type { Span } from './span.ts';

export interface ProposedName {
  /** Position in the list of sources. */
  readonly span: number;
  readonly name: string;
}

/**
 * Spans of one name are one variable and must hold one value; equal values may get different names. Spans that
 * were given no usable name are named as without a model.
 */
export function checkNames(
  { sources, sinks, taken }: NamesInput,
  proposed: readonly ProposedName[],
): Checked<NamedGroup[]> {
  const problems: string[] = [];
  const groups = new Map<string, NamedGroup>();
  const named = new Set<Span>();
  const values = [...sources, ...sinks].map((span) => span.value);
  for (const { span: index, name } of proposed) {
    const span = sources[index];
    const group = groups.get(name);
    const problem =
      span === undefined || named.has(span)
        ? 'there is no such span, or it has a name already'
        : (problemOf(name, taken, values) ??
          (group !== undefined && group.value !== span.value
            ? 'spans of one name must hold one value'
            : undefined));
    if (problem !== undefined || span === undefined) {
      problems.push(`the name of span ${index}: ${problem ?? ''}`);
      continue;
    }
    named.add(span);
    const spans = [...(group?.spans ?? []), span];
    groups.set(name, { name, value: span.value, spans });
  }
  const rest = sources.filter((span) => !named.has(span));
  if (rest.length > 0 && problems.length === 0) problems.push('some spans have no name');
  const others = nameVariables(rest, sinks, new Set([...taken, ...groups.keys()]));
  return { value: [...groups.values(), ...others], problems };
}

export interface NamesInput {
  readonly sources: readonly Span[];
  readonly sinks: readonly Span[];
  /** Names of the path. */
  readonly taken: ReadonlySet<string>;
}

function problemOf(
  name: string,
  taken: ReadonlySet<string>,
  values: readonly string[],
): string | undefined {
  if (!isVariableName(name) || toSnakeCase(name) !== name) return 'not a snake_case name';
  if (taken.has(name)) return 'the name is taken';
  return leaksValue(name, values) ? 'the name contains a word of a value' : undefined;
}
