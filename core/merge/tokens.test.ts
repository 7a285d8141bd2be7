import { expect, test } from '@jest/globals';
import { tokenize } from './tokens.ts';

/** Values in angle brackets, identifiers in braces, units in `~`, all else as it is; blanks between tokens. */
function marked(text: string): string {
  const leaf = { path: ['content'], kind: 'text', text, token: { start: 0, end: 0 } } as const;
  const signs = {
    value: ['<', '>'],
    id: ['{', '}'],
    unit: ['~', '~'],
    word: ['', ''],
    mark: ['', ''],
  } as const;
  return tokenize({ role: 'user', skeleton: '', leaves: [leaf] })
    .flatMap((token) => {
      if (token.kind === 'break') return [];
      const [left, right] = signs[token.kind];
      return [left + token.text + right];
    })
    .join(' ');
}

test.each([
  ['uid=0 took -5 ms', 'uid = <0> took <-5> ~ms~'],
  ['5 bytes of 7', '<5> ~bytes~ of <7>'],
  ['ms is no unit here', 'ms is no unit here'],
  ['10000ms 50% 08:00 1.5e-3 1,024', '<10000ms> <50%> <08:00> <1.5e-3> <1,024>'],
  ['/10.0.0.1:80 10.0.0.1: x', '</10.0.0.1:80> <10.0.0.1> : x'],
  ['2015-10-18T18:01:47Z', '<2015-10-18T18:01:47Z>'],
  ['0x1f deadbeef9 added feedback', '<0x1f> <deadbeef9> added feedback'],
  ['blk_-7 node-7 ssh2 core.12', '{blk_-7} {node-7} {ssh2} {core.12}'],
  ['node-7:9000 size:9000', '<node-7:9000> size : <9000>'],
  ['update.....0', '{update.....0}'],
  [
    'a.b@c.org www.cse.cuhk.edu.hk:80 main.c:12',
    '<a.b@c.org> <www.cse.cuhk.edu.hk:80> main.c : <12>',
  ],
  ['/var/log/x.txt, C:\\dir\\a.exe ~/b', '</var/log/x.txt> , <C:\\dir\\a.exe> <~/b>'],
  ['http://a.b/c?d=1 it', '<http://a.b/c?d=1> it'],
  ['<1 sec <1> <a>', '<<1> ~sec~ < <1> > < a >'],
  ["Can't do 'x'. Why?", "Can't do ' x ' . Why ?"],
  ['True nullable truest', '<True> nullable truest'],
  ['Wed Jun 15 May be', '<Wed> <Jun> <15> ~May~ be'],
  ['BLOCK* *** #1 @0xff', 'BLOCK* *** # <1> @ <0xff>'],
  ['{d16d444c-56d8-11d5-882d-0080c847b195}', '{ <d16d444c-56d8-11d5-882d-0080c847b195> }'],
])('%s', (text, expected) => {
  expect(marked(text)).toBe(expected);
});

// Quadratic time would run into the timeout.
test.each(['1', 'a1', '-', '.', 'a.', '/', 'a/', ':', 'f:', '@', '!', '=', '"', '{', '<'])(
  'a long run of %s is cut without losing a character',
  (run) => {
    const long = run.repeat(16_000 / run.length);
    for (const text of [long, `a${long}!`]) expect(textOf(text)).toBe(text);
  },
);

/** What the tokens of a text put together. */
function textOf(text: string): string {
  const leaf = { path: ['content'], kind: 'text', text, token: { start: 0, end: 0 } } as const;
  const tokens = tokenize({ role: 'user', skeleton: '', leaves: [leaf] });
  return tokens.map((token) => token.before + token.text).join('');
}
