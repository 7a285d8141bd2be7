import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMetrics } from '../../adapters/metrics.ts';
import type { LedgerCounts } from '../../adapters/mongo/ledger.ts';
import type { RequestEntry } from '../../adapters/mongo/request-store.ts';
import { createPricer } from '../../adapters/prices.ts';
import type { ClosedCall } from '../call.ts';
import { sha256 } from '../request/plan.ts';
import { CallRecorder } from './record-calls.ts';

const USAGES = [undefined, '{"prompt_tokens":7,"completion_tokens":2}', '{"prompt_tokens":1}'];
const OUTCOMES = [
  { cache: 'hit', reason: 'exact', node: 'e1' },
  { cache: 'hit', reason: 'template', node: 't1' },
  { cache: 'miss', reason: 'no_path' },
  { cache: 'bypass', reason: 'no_store' },
  undefined,
] as const;
/** Hits of one answer share it. */
const ANSWERS = USAGES.map((usage) => {
  const message = '{"role":"assistant","content":"Hi"}';
  return { message, finishReason: 'stop', model: 'gpt-4o-mini', usage, extras: '{}' };
});

interface Sort {
  readonly outcome: (typeof OUTCOMES)[number];
  readonly usage: number;
  readonly project: string;
}

const sort: fc.Arbitrary<Sort> = fc.record({
  outcome: fc.constantFrom(...OUTCOMES),
  usage: fc.nat(USAGES.length - 1),
  project: fc.constantFrom('local', 'shop'),
});

function closed({ outcome, usage, project }: Sort): ClosedCall {
  const answer = ANSWERS[usage];
  const isHit = outcome?.cache === 'hit';
  const found =
    isHit && answer !== undefined
      ? ({ kind: 'found', answer, message: answer.message, outcome, reached: undefined } as const)
      : undefined;
  const answered = outcome?.cache === 'miss' ? answer : undefined;
  return {
    call: {
      ...{ requestId: 'r', outcome, model: 'gpt-4o-mini', project, asked: undefined },
      ...{ found, answered },
    },
    ...{ at: 1, endpoint: 'POST /v1/chat/completions', status: 200, isAborted: false },
    ms: { total: 1 },
  };
}

function recorder(admit: () => boolean = () => true) {
  const ledger = new Map<string, number>();
  const rows: RequestEntry[] = [];
  const uses: string[] = [];
  const faults: object[] = [];
  const metrics = createMetrics(() => undefined);
  const add = (project: string, _model: string, counts: LedgerCounts): void => {
    for (const [name, count] of Object.entries(counts)) {
      const key = `${project} ${name}`;
      ledger.set(key, (ledger.get(key) ?? 0) + count);
    }
  };
  const target = new CallRecorder({
    ...{ ledger: { add }, metrics, admit, hash: sha256 },
    uses: { note: (project, node) => uses.push(`${project} ${node}`) },
    rows: { add: (row) => rows.push(row) },
    price: createPricer('https://api.openai.com/v1'),
    log: { error: (fault: object) => faults.push(fault) } as never,
  });
  return { target, ledger, rows, uses, metrics, faults };
}

test('calls that are recorded together are counted as calls one by one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(sort, { maxLength: 40 }), async (sorts) => {
      const [together, single] = [recorder(), recorder()];
      for (const each of sorts) {
        together.target.add(closed(each));
        single.target.add(closed(each));
        single.target.settle();
      }
      together.target.settle();
      expect(together.ledger).toEqual(single.ledger);
      expect(together.uses).toEqual(single.uses);
      expect(together.rows).toHaveLength(sorts.length);
      expect(await together.metrics.calls.get()).toEqual(await single.metrics.calls.get());
      const saved = async ({ metrics }: typeof single) => (await metrics.tokensSaved.get()).values;
      expect(await saved(together)).toEqual(await saved(single));
      const counted = [...together.ledger].filter(([name]) =>
        /(?:hitsExact|hitsTemplate|misses|bypasses|refused)$/.test(name),
      );
      expect(counted.reduce((sum, [, count]) => sum + count, 0)).toBe(sorts.length);
    }),
  );
});

test('what has no row is counted', () => {
  const { target, ledger, rows } = recorder(() => false);
  const [outcome] = OUTCOMES;
  for (let n = 0; n < 3; n++) target.add(closed({ outcome, usage: 1, project: 'shop' }));
  target.settle();
  expect(rows).toEqual([]);
  expect(ledger.get('shop rowsLeftOut')).toBe(3);
  expect(ledger.get('shop savedInputTokens')).toBe(21);
});

test('many are not waited for', () => {
  const { target, rows } = recorder();
  const [outcome] = OUTCOMES;
  for (let n = 0; n < 100; n++) target.add(closed({ outcome, usage: 0, project: 'local' }));
  expect(rows.length).toBeGreaterThan(0);
  target.settle();
  expect(rows).toHaveLength(100);
});

test('a fault of ours is told, and the next calls are recorded', () => {
  let isBroken = true;
  const { target, rows, faults } = recorder(() => {
    if (isBroken) throw new Error('broken');
    return true;
  });
  target.add(closed({ outcome: undefined, usage: 0, project: 'local' }));
  target.settle();
  expect(faults).toMatchObject([{ event: 'internal_error', where: 'record' }]);
  isBroken = false;
  target.add(closed({ outcome: undefined, usage: 0, project: 'local' }));
  target.settle();
  expect(rows).toHaveLength(1);
});
