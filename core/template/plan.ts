/** What is worth knowing of a template before it is matched, found out once for each template. */
import { isCallIdVariable } from '../messages/call-ids.ts';
import type { Matcher } from './matcher.ts';
import {
  conditionalSegments,
  variablesOfTemplate,
  type ConditionalSegment,
  type MessageTemplate,
} from './template.ts';

export interface MatchPlan {
  /** Ids of tool calls: the thread has them or not, they are never read off a text. */
  readonly callIds: readonly string[];
  readonly conditional: readonly ConditionalSegment[];
  /** Variables that stand in several leaves: a value has to fit wherever its variable stands. */
  readonly shared: readonly { readonly name: string; readonly matcher: Matcher }[];
}

/** The plan of a template; kept as long as the template itself. */
export function planOf(template: MessageTemplate): MatchPlan {
  const known = plans.get(template);
  if (known !== undefined) return known;
  const plan = {
    callIds: variablesOfTemplate(template).filter(isCallIdVariable),
    conditional: conditionalSegments(template.leaves),
    shared: sharedIn(template),
  };
  plans.set(template, plan);
  return plan;
}

const plans = new WeakMap<MessageTemplate, MatchPlan>();

function sharedIn(template: MessageTemplate): MatchPlan['shared'] {
  const leafOf = new Map<string, number>();
  const shared = new Set<string>();
  template.leaves.forEach((leaf, index) => {
    for (const segment of leaf) {
      if (segment.kind === 'literal') continue;
      if ((leafOf.get(segment.name) ?? index) !== index) shared.add(segment.name);
      leafOf.set(segment.name, index);
    }
  });
  return template.leaves.flatMap((leaf) =>
    leaf.flatMap((segment) =>
      segment.kind === 'variable' && shared.has(segment.name) ? [segment] : [],
    ),
  );
}
