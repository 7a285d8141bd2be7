/** Where an observation keeps what the steps of its run have proposed. */
import type { Place } from './contents.ts';
import { StoreError } from './store-error.ts';

/** Step names become field names: ours, never data. */
const STEP_NAME = /^[a-z][a-z_-]{0,31}$/;

/** Also of a step that is read and that nobody vouches for. */
export function proposalPlace(id: string, step: string): Place {
  return { collection: 'observations', id, field: `proposal.${step}` };
}

/** Errors: StoreError for what is no word of ours. */
export function proposalField(step: string): string {
  return `proposal.${fieldName(step)}`;
}

/** Errors: StoreError for what is no word of ours. */
export function fieldName(name: string): string {
  if (STEP_NAME.test(name)) return name;
  throw new StoreError('store_rejected', 'a step name is a short word in lower case');
}
