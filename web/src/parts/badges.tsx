/** States and outcomes, told by word and colour. */
import type { Outcome } from '../../../proxy/admin/contract/requests.ts';
import type { NodeState } from '../../../proxy/admin/contract/template.ts';

const STATES: Readonly<Record<NodeState, string>> = {
  candidate: 'calm',
  probation: 'warn',
  serving: 'ok',
  quarantined: 'bad',
  retired: 'calm',
};

export function StateBadge({ state }: { readonly state: NodeState }) {
  return <span className={`badge ${STATES[state]}`}>{state}</span>;
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  hit: 'ok',
  miss: 'warn',
  bypass: 'calm',
  refused: 'bad',
};

export function OutcomeBadge({ outcome }: { readonly outcome: Outcome }) {
  return <span className={`badge ${OUTCOMES[outcome]}`}>{outcome}</span>;
}
