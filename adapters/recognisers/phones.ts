/** Telephone numbers in running text, found by libphonenumber-js. */
import { findPhoneNumbersInText } from 'libphonenumber-js/min';
import type { TextProposal } from '../../core/induction/proposal.ts';

/** Numbers without a country code are read as American: the plan with the most forms in writing. */
const COUNTRY = 'US';
const SEPARATED = /\d[ ().\/-]+\d/;

/** Cost: about 2 ms for 1 KB. */
export function findPhones(text: string): TextProposal[] {
  return findPhoneNumbersInText(text, COUNTRY).flatMap(({ startsAt, endsAt }) => {
    const value = text.slice(startsAt, endsAt);
    // Ten bare digits are an order number as well as a telephone.
    if (!value.startsWith('+') && !SEPARATED.test(value)) return [];
    return [{ start: startsAt, end: endsAt, kind: 'phone' as const, label: 'phone' }];
  });
}
