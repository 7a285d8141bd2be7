import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Message } from '../messages/message.ts';
import { appendMessage } from '../messages/message.ts';
import { parseJson } from '../json/json.ts';
import { matchMessage } from '../template/match.ts';
import { hydrateLeaf, showTemplate } from '../template/template.ts';
import { clusterSiblings, type MergeProposal } from './merge.ts';

function message(json: unknown): Message {
  const parsed = parseJson(JSON.stringify(json));
  if (parsed.kind !== 'json') throw new Error('not JSON');
  const result = appendMessage({ messages: [], callIds: [] }, parsed.value);
  const read = result.kind === 'thread' ? result.thread.messages[0] : undefined;
  if (read === undefined) throw new Error('not a message');
  return read;
}

const user = (content: string): Message => message({ role: 'user', content });
const shown = (messages: readonly Message[]): string[] =>
  clusterSiblings(messages).map((proposal) => showTemplate(proposal.template));
const templatesOf = (...lines: readonly string[]): string[] => shown(lines.map(user));

/** What a proposal promises, checked from its definition. */
function expectSound(messages: readonly Message[], proposals: readonly MergeProposal[]): void {
  const members = proposals.flatMap((proposal) => proposal.members);
  expect(members.toSorted((a, b) => a - b)).toEqual([...messages.keys()]);
  for (const { members: own, template, variables } of proposals) {
    for (const [line, member] of own.entries()) {
      const original = messages[member] as Message;
      const bindings = new Map(variables.map(({ name, values }) => [name, values[line] ?? '']));
      expect(template.leaves.map((leaf) => hydrateLeaf(leaf, bindings))).toEqual(
        original.leaves.map((leaf) => leaf.text),
      );
      expect(matchMessage(template, original, new Map())).toEqual({
        kind: 'match',
        open: [],
        parses: [bindings],
      });
    }
  }
}

describe('whatever the siblings are', () => {
  const piece = fc.constantFrom(
    ...[
      'user',
      'root',
      'open',
      'blk_-7',
      'blk_88',
      '10.0.0.1:50',
      '/var/a.log',
      '0x1f',
      '12',
      '3 KB',
      'size=',
      '=',
      ':',
    ],
    ...[
      '(',
      ')',
      '[',
      ']',
      ' ',
      '  ',
      '\t',
      ', ',
      '.',
      '"',
      "'",
      '<',
      '*',
      '{{v1}}',
      '😀',
      '\u0000',
      'New York',
      'é',
      '-',
    ],
  );
  const text = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));
  const content = fc.oneof(
    text.map((value) => ({ role: 'user', content: value })),
    fc.tuple(text, fc.nat(999)).map(([value, count]) => ({
      role: 'tool',
      tool_call_id: 'x',
      content: JSON.stringify({ value, count }),
    })),
  );

  test('each is rebuilt exactly by its template, and read in that way only', () => {
    fc.assert(
      fc.property(fc.array(content, { maxLength: 24 }), (siblings) => {
        const messages = siblings.map(message);
        expectSound(messages, clusterSiblings(messages));
      }),
      { seed: 11, numRuns: 1500 },
    );
  });

  test('their order decides neither the templates nor who belongs to which', () => {
    const key = (messages: readonly Message[]): string[] =>
      clusterSiblings(messages)
        .map(({ members, template }) => {
          const texts = members.map((member) =>
            messages[member]?.leaves.map((leaf) => leaf.text).join(),
          );
          return JSON.stringify([template.leaves, texts.toSorted()]);
        })
        .toSorted();
    fc.assert(
      fc.property(
        fc
          .array(content, { maxLength: 16 })
          .chain((siblings) =>
            fc.tuple(
              fc.constant(siblings),
              fc.shuffledSubarray(siblings, { minLength: siblings.length }),
            ),
          ),
        ([siblings, shuffled]) => {
          expect(key(shuffled.map(message))).toEqual(key(siblings.map(message)));
        },
      ),
      { seed: 12, numRuns: 500 },
    );
  });

  test('2,000 siblings that share nothing end soon', () => {
    const lines = Array.from({ length: 2000 }, (_, line) =>
      Array.from(
        { length: 24 },
        (_unused, word) => `w${((line * 31 + word * 17) * 7919) % 6007}x`,
      ).join(' '),
    );
    // Without bounds this would run into the timeout.
    const members = clusterSiblings(lines.map(user)).flatMap((proposal) => proposal.members);
    expect(members.toSorted((a, b) => a - b)).toEqual([...lines.keys()]);
  });
});

describe('siblings of one event', () => {
  test.each<[string, readonly string[], string]>([
    ['numbers', ['took 5 ms', 'took 17 ms'], 'took {{v1}} ms'],
    [
      'identifiers keep their letters',
      ['ask blk_-12 now', 'ask blk_345 now'],
      'ask blk_{{v1}} now',
    ],
    [
      'a hyphen between letters and digits is a separator',
      ['boot node-7', 'boot node-12'],
      'boot node-{{v1}}',
    ],
    ['addresses', ['from /10.0.0.1:80: ok', 'from /10.0.0.2:4000: ok'], 'from /{{v1}}: ok'],
    ['paths', ['open /var/log/a.txt now', 'open /tmp/b now'], 'open /{{v1}} now'],
    [
      'hexadecimal numbers',
      ['at 0x1f, mask 0x02', 'at 0xffff, mask 0x10'],
      'at {{v1}}, mask {{v2}}',
    ],
    [
      'words after an equals sign',
      ['login user=root ok', 'login user=bob ok'],
      'login user={{v1}} ok',
    ],
    ['groups after an equals sign', ['a ws=null, b', 'a ws=Work{7}, b'], 'a ws={{v1}}, b'],
    [
      'lists of any length',
      ['drop blk_1 of x', 'drop blk_2 blk_3 blk_4 of x'],
      'drop blk_{{v1}} of x',
    ],
    ['long lists', ['fans 1 2 3 4 5 6 7 8 9 ok', 'fans 2 2 2 2 2 2 2 2 2 ok'], 'fans {{v1}} ok'],
    ['short lists', ['fans 1 2 ok', 'fans 2 2 ok'], 'fans {{v1}} {{v2}} ok'],
    [
      'amounts with other units',
      ['sent 5 bytes now', 'sent 2048 bytes (2 KB) now'],
      'sent {{v1}} now',
    ],
    ['dates', ['at Wed Jun 15 02:04:59 2005 up', 'at Thu Jul 6 12:04:59 2005 up'], 'at {{v1}} up'],
    ['blanks', ['id = 7 end', 'id =  8 end'], 'id = {{v1}} end'],
    [
      'qualified names',
      ['due to java.io.IOException: x', 'due to java.net.BindException: x'],
      'due to {{v1}}: x',
    ],
    ['a value that is not a sentence end', ['Done /tmp/a.', 'Done /tmp/b.'], 'Done /{{v1}}.'],
  ])('%s', (_, lines, expected) => {
    expect(templatesOf(...lines)).toEqual([expected]);
  });

  test('words are a variable if there must be many more of them', () => {
    const users = ['ann', 'bob', 'cy', 'dan', 'eve'];
    expect(templatesOf(...users.map((name) => `session opened for ${name} today`))).toEqual([
      'session opened for {{v1}} today',
    ]);
  });

  test('a chunk without blanks stands for a value if enough words say where it stands', () => {
    expect(templatesOf('now open 10.0.0.1:80 it', 'now open wpad:80 it')).toEqual([
      'now open {{v1}} it',
    ]);
    expect(templatesOf('open 10.0.0.1:80', 'open wpad:80')).toHaveLength(2);
  });

  test('two words that vary together need many values each', () => {
    const pairs = ['a b', 'c d', 'e f', 'g h', 'i j'].map((pair) => pair.split(' '));
    expect(
      templatesOf(...pairs.map(([a = '', b = '']) => `copy from ${a} over to ${b} done`)),
    ).toEqual(['copy from {{v1}} over to {{v2}} done']);
  });

  test('a value may have several words beside values of one', () => {
    const cities = ['Oslo', 'Lima', 'Quito', 'Cairo', 'New York', 'Los Angeles'];
    expect(templatesOf(...cities.map((city) => `weather in ${city} now`))).toEqual([
      'weather in {{v1}} now',
    ]);
  });

  test('words that are values elsewhere are values here', () => {
    const logins = ['ann', 'bob', 'cy', 'dan', 'eve'].map(
      (name) => `session opened for ${name} today`,
    );
    const others = ['ann', 'bob'].map((name) => `too many failures for ${name} today`);
    expect(templatesOf(...logins, ...others)).toEqual([
      'session opened for {{v1}} today',
      'too many failures for {{v1}} today',
    ]);
  });

  test('leaves of JSON texts merge like texts, number leaves as a whole', () => {
    const results = [3, 14, 15].map((temp) =>
      message({
        role: 'tool',
        tool_call_id: 'a',
        content: JSON.stringify({ temp, at: `node-${temp}` }),
      }),
    );
    const [proposal, ...rest] = clusterSiblings(results);
    expect(rest).toEqual([]);
    expect(proposal?.variables.map(({ values }) => values)).toEqual([
      ['3', '14', '15'],
      ['3', '14', '15'],
    ]);
  });
});

describe('siblings of different events', () => {
  test.each<[string, readonly string[]]>([
    [
      'a few words that come again',
      ['door opened by x', 'door closed by x', 'door opened by x', 'door closed by x'],
    ],
    ['states', ['LOOKING', 'FOLLOWING', 'LEADING']],
    ['methods', ['did "GET" ok', 'did "POST" ok', 'did "DELETE" ok']],
    ['one more word', ['Failed password for root', 'Failed password for invalid user bob']],
    ['an optional part with a name', ['ruser= rhost', 'ruser= rhost  user x']],
    ['words with few digits', ['over HTTPS on', 'over SOCKS5 on']],
    [
      'first words, of which there are more',
      ['Sending it now', 'Reading it now', 'Making it now', 'Doing it now'],
    ],
  ])('%s', (_, lines) => {
    expect(templatesOf(...lines)).toEqual([...new Set(lines)]);
  });

  test('structure never becomes part of a value', () => {
    const names = ['ann', 'bob', 'cy', 'dan', 'eve', 'flo'];
    expect(
      templatesOf(
        ...names.map((name) => `Failed password for ${name} from 7`),
        ...names.map((name) => `Failed password for invalid user ${name}x from 7`),
      ),
    ).toEqual([
      'Failed password for {{v1}} from {{v2}}',
      'Failed password for invalid user {{v1}} from {{v2}}',
    ]);
  });

  test('few words beside a hole ask for more values, none for none at all', () => {
    const words = ['ann', 'bob', 'cy', 'dan', 'eve'];
    const lines = (pattern: string): string[] => words.map((word) => pattern.replace('?', word));
    expect(templatesOf(...lines('and then ?'))).toHaveLength(1);
    expect(templatesOf(...lines('then ?').slice(0, 4))).toHaveLength(4);
    expect(templatesOf(...lines('7 ?'))).toHaveLength(5);
  });

  test('a member that the common template reads in two ways stays exact', () => {
    const places = ['Oslo', 'Lima', 'Rome', 'Bern', 'Kyiv', 'Riga'];
    const rides = places.flatMap((a) => [
      `ride From ${a} To Lima now`,
      `ride From Oslo To ${a} now`,
    ]);
    const wordy = [
      'ride From Oslo To Los Angeles now',
      'ride From Go To Rome To Lima now',
      'ride From Oslo To Roma To Lima now',
    ];
    const messages = [...rides, ...wordy].map(user);
    const proposals = clusterSiblings(messages);
    expectSound(messages, proposals);
    expect(proposals.map(({ members }) => members.length)).toEqual([13, 1, 1]);
  });

  test('messages of other shapes never meet', () => {
    const proposals = clusterSiblings([
      message({ role: 'user', content: 'took 5 ms' }),
      message({ role: 'assistant', content: 'took 7 ms' }),
    ]);
    expect(proposals.map(({ members }) => members)).toEqual([[0], [1]]);
  });
});

describe('variables', () => {
  const one = (...lines: readonly string[]): MergeProposal => {
    const [proposal] = clusterSiblings(lines.map(user));
    if (proposal === undefined) throw new Error('no proposal');
    return proposal;
  };

  test('holes that always agree are one variable, once chance is no explanation', () => {
    const line = (id: number): string => `delete blk_${id} of file blk_${id}`;
    expect(one(...[11, 12].map(line)).variables).toHaveLength(2);
    expect(one(...[11, 12, 13, 14, 15, 16].map(line)).variables).toHaveLength(1);
  });

  test('a number that never changes is told as constant', () => {
    const { variables } = one('uid=0 took 5', 'uid=0 took 6');
    expect(variables.map(({ isConstant }) => isConstant)).toEqual([true, false]);
  });

  test.each<[readonly string[], object]>([
    [['took 5 up', 'took 17 up'], { kind: 'integer' }],
    [['took 5.5 up', 'took 17 up'], { kind: 'number' }],
    [['on 2024-01-02 up', 'on 2024-03-04 up'], { kind: 'date' }],
    [['by a@b.org up', 'by c@d.org up'], { kind: 'email' }],
    [['at 10.0.0.1 up', 'at 10.0.0.2 up'], { kind: 'word', digits: true }],
    [['a user=x, b', 'a user=y, b'], { kind: 'word', excludes: '=,' }],
    [['to /a/b/ up', 'to /c/ up'], { kind: 'line', excludes: ' ' }],
  ])('%j are of kind %j', (lines, matcher) => {
    const segments = one(...lines).template.leaves.flat();
    expect(
      segments.flatMap((segment) => (segment.kind === 'variable' ? [segment.matcher] : [])),
    ).toEqual([matcher]);
  });
});
