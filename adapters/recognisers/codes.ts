/** Codes with a form of their own, told by validator: addresses of machines, accounts, colours, hashes. */
import validator from 'validator';
import type { TextProposal } from '../../core/induction/proposal.ts';

const TOKEN = /(?<![^\s"'“‘(\[{<,;=])#?[\p{L}\p{N}][\p{L}\p{N}.:_\-+/]{2,511}/gu;
const END = /[.:,;!?/+-]+$/;
const HASHES = ['md5', 'sha1', 'sha256', 'sha512'] as const;

/** In order: the first that fits names the code. */
const CODES: readonly (readonly [label: string, is: (token: string) => boolean])[] = [
  ['uuid', (token) => validator.isUUID(token, 'loose')],
  ['ip_address', (token) => validator.isIP(token)],
  ['mac_address', (token) => validator.isMACAddress(token)],
  ['iban', (token) => validator.isIBAN(token)],
  ['isbn', (token) => validator.isISBN(token)],
  ['token', (token) => token.length > 40 && validator.isJWT(token)],
  ['hash', (token) => HASHES.some((hash) => validator.isHash(token, hash))],
  ['colour', (token) => token.startsWith('#') && validator.isHexColor(token)],
  ['version', (token) => validator.isSemVer(token.replace(/^v/, ''))],
];

/** Cost: about 0.3 ms for 1 KB. */
export function findCodes(text: string): TextProposal[] {
  return [...text.matchAll(TOKEN)].flatMap((match) => {
    const token = match[0].replace(END, '');
    if (!/\d/.test(token)) return [];
    const label = CODES.find(([, is]) => is(token))?.[0];
    if (label === undefined) return [];
    const kind = label === 'uuid' ? 'uuid' : 'word';
    return [{ start: match.index, end: match.index + token.length, kind, label }];
  });
}
