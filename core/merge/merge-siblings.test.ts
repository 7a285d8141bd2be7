/** The stages of a merge on siblings with answers: what becomes a template, what stays, and that nothing wrong is served. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createNamedRandom, createRandom } from '../../evals/workloads/random.ts';
import {
  ADVERSARIAL,
  callsOf,
  letters,
  MERGEABLE,
  type Conversation,
} from '../../tests/support/merge-behaviours.ts';
import {
  ask,
  commit,
  mergeAll,
  observe,
  questionOf,
  SCOPE,
  threadOf,
  type Recorded,
} from '../../tests/support/merge-in-memory.ts';
import { sha256 } from '../../tests/support/memory-inducer.ts';
import { answerKey, type Observation } from '../observation.ts';
import { ScopeTree } from '../tree/scope-tree.ts';
import { walk } from '../tree/walk.ts';
import { clusterChildren } from './cluster-children.ts';
import type { CheckedMerge, Rejection } from './plan.ts';
import { planCluster } from './plan-cluster.ts';

const CALLS = 50;

/** What is served, or undefined; ids of tool calls apart, which are minted anew. */
function served(tree: ScopeTree, { messages }: Recorded): unknown {
  const decision = ask(tree, messages);
  return decision.kind === 'miss' ? undefined : essence(JSON.parse(decision.answer.message));
}

interface Call {
  readonly function: { readonly name: string; readonly arguments: string };
}

function essence(message: unknown): unknown {
  const { content, tool_calls = [] } = message as {
    content: unknown;
    tool_calls?: readonly Call[];
  };
  const calls = tool_calls.map(({ function: { name, arguments: input } }) => [
    name,
    JSON.parse(input) as unknown,
  ]);
  return { content, calls };
}

interface Tally {
  readonly hits: number;
  readonly wrong: readonly Recorded[];
}

function tally(tree: ScopeTree, calls: readonly Recorded[]): Tally {
  const answered = calls.flatMap((call) => {
    const answer = served(tree, call);
    return answer === undefined ? [] : [{ call, answer }];
  });
  const wrong = answered.filter(
    ({ call, answer }) => JSON.stringify(answer) !== JSON.stringify(essence(call.answer)),
  );
  return { hits: answered.length - wrong.length, wrong: wrong.map(({ call }) => call) };
}

function callsOfAll(
  behaviours: Readonly<Record<string, Conversation>>,
  seed: number,
  count = CALLS,
): Recorded[] {
  return Object.entries(behaviours).flatMap(([name, talk]) =>
    callsOf(createNamedRandom(seed, name), talk, count).slice(0, count),
  );
}

const observeAll = (calls: readonly Recorded[]): Observation[] =>
  calls.map((call, at) => observe(call, at));

const merge = (calls: readonly Recorded[]): CheckedMerge => mergeAll(questionOf(observeAll(calls)));

const EMPTY = new ScopeTree();

describe('1,000 exact siblings of 20 behaviours', () => {
  const taught = callsOfAll(MERGEABLE, 1);
  let merged: CheckedMerge;
  let tree: ScopeTree;

  beforeAll(() => {
    merged = merge(taught);
    tree = commit(EMPTY, merged);
  });

  test('become at most 25 templates', () => {
    expect(taught).toHaveLength(1000);
    expect(merged.counts.siblings).toBe(1000);
    expect(merged.nodes.filter(({ parent }) => parent === SCOPE)).toHaveLength(20);
    expect(merged.templates.length).toBeLessThanOrEqual(25);
    expect(merged.counts.covered).toBeGreaterThan(980);
  });

  test('all still get their recorded answers', () => {
    const { hits, wrong } = tally(tree, taught);
    expect(wrong).toEqual([]);
    expect(hits).toBeGreaterThan(900);
  });

  test('1,000 fresh ones get right answers or misses', () => {
    const fresh = callsOfAll(MERGEABLE, 2);
    const { hits, wrong } = tally(tree, fresh);
    expect(fresh).toHaveLength(1000);
    expect(wrong).toEqual([]);
    expect(hits).toBeGreaterThan(900);
  });

  test('a conversation with a tool is one path', () => {
    const path = merged.templates.find(({ text }) => text.some((line) => line.startsWith('tool:')));
    expect(path?.text.map((line) => line.split(':')[0])).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
    ]);
  });

  test('answers that depend on a value are guarded siblings below one request', () => {
    const guarded = merged.nodes.filter(
      ({ guards, answer }) =>
        answer !== undefined && guards.some(({ name }) => name === 'unread' || name === 'number'),
    );
    const parents = Map.groupBy(guarded, ({ parent }) => parent);
    expect([...parents.values()].filter(({ length }) => length > 1).length).toBeGreaterThan(0);
  });

  test('what merges says why the rest stays', () => {
    const known = new Set(observeAll(taught).map(({ id }) => id));
    const left = merged.rejected.flatMap(({ members }: Rejection) => members);
    expect(left.filter((id) => !known.has(id))).toEqual([]);
  });
});

describe('answers that no text explains', () => {
  const taught = callsOfAll({ ...MERGEABLE, ...ADVERSARIAL }, 3, 30);

  test('nothing wrong is served beside what can be merged', () => {
    const tree = commit(EMPTY, merge(taught));
    expect(tally(tree, taught).wrong).toEqual([]);
    expect(tally(tree, callsOfAll({ ...MERGEABLE, ...ADVERSARIAL }, 4)).wrong).toEqual([]);
  });

  test.each(['even', 'prime', 'token', 'code', 'swap'])('%s stays exact', (name) => {
    const calls = callsOfAll({ [name]: ADVERSARIAL[name] as Conversation }, 5);
    const merged = merge(calls);
    expect(merged.nodes).toEqual([]);
    expect(merged.counts).toEqual({ siblings: CALLS, covered: 0, left: CALLS });
    expect(new Set(merged.rejected.flatMap(({ members }) => members)).size).toBe(CALLS);
  });
});

describe('samples that happen to agree', () => {
  const asked = (content: string, answer: string): Recorded => ({
    messages: [{ role: 'user', content }],
    answer: { role: 'assistant', content: answer },
  });
  const random = createRandom(12);
  const siblings: Readonly<Record<string, readonly Recorded[]>> = {
    'even numbers': Array.from({ length: 60 }, (_, index) =>
      asked(`Is ${2 * index + 4} an even number?`, 'Yes.'),
    ),
    'good reviews': Array.from({ length: 60 }, () =>
      asked(`Classify the review: a ${letters(random, 6)} film, ${letters(random, 7)}`, 'positive'),
    ),
  };

  test.each(Object.keys(siblings))('%s become no constant', (name) => {
    expect(merge(siblings[name] ?? []).nodes).toEqual([]);
  });
});

/** A few behaviours, mergeable and not, with few calls each: quick enough for many runs. */
const SOME = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  names: fc.uniqueArray(fc.constantFrom(...Object.keys({ ...MERGEABLE, ...ADVERSARIAL })), {
    minLength: 1,
    maxLength: 3,
  }),
  calls: fc.integer({ min: 3, max: 16 }),
});
const RUNS = { seed: 7, numRuns: 8 };

function someCalls({ seed, names, calls }: { seed: number; names: string[]; calls: number }) {
  const all: Readonly<Record<string, Conversation>> = { ...MERGEABLE, ...ADVERSARIAL };
  const chosen = Object.fromEntries(names.map((name) => [name, all[name] as Conversation]));
  return { taught: callsOfAll(chosen, seed, calls), fresh: callsOfAll(chosen, seed + 1, calls) };
}

describe('properties', () => {
  test('the order of siblings does not matter', () => {
    fc.assert(
      fc.property(SOME, fc.integer(), (some, order) => {
        const observations = observeAll(someCalls(some).taught);
        const random = createRandom(order);
        const shuffled = observations
          .map((observation) => ({ observation, rank: random() }))
          .toSorted((a, b) => a.rank - b.rank)
          .map(({ observation }) => observation);
        expect(mergeAll(questionOf(shuffled))).toEqual(mergeAll(questionOf(observations)));
      }),
      RUNS,
    );
  });

  test('no recorded answer changes, and nothing wrong is served', () => {
    fc.assert(
      fc.property(SOME, (some) => {
        const { taught, fresh } = someCalls(some);
        const tree = commit(EMPTY, merge(taught));
        expect(tally(tree, taught).wrong).toEqual([]);
        expect(tally(tree, fresh).wrong).toEqual([]);
      }),
      RUNS,
    );
  });

  test('merging again changes nothing', () => {
    fc.assert(
      fc.property(SOME, (some) => {
        const observations = observeAll(someCalls(some).taught);
        const tree = commit(EMPTY, mergeAll(questionOf(observations)));
        const again = mergeAll(questionOf(observations, { tree }));
        expect({ nodes: again.nodes, retires: again.retires }).toEqual({ nodes: [], retires: [] });
      }),
      RUNS,
    );
  });

  test('what is covered was recorded so; what is not is said to be left', () => {
    fc.assert(
      fc.property(SOME, (some) => {
        const observations = observeAll(someCalls(some).taught);
        const { counts, exemplars } = mergeAll(questionOf(observations));
        const ids = new Set(observations.map(({ id }) => id));
        expect(exemplars.every(({ observation }) => ids.has(observation))).toBe(true);
        expect(counts.covered + counts.left).toBe(observations.length);
      }),
      RUNS,
    );
  });
});

describe('what was there before', () => {
  const greetings = callsOfAll({ greet: MERGEABLE['greet'] as Conversation }, 6, 24);
  const observations = observeAll(greetings);
  const first = mergeAll(questionOf(observations.slice(0, 12)));

  test('a template that covers no more is not exchanged for another', () => {
    const tree = commit(EMPTY, first);
    const { nodes, retires } = mergeAll(questionOf(observations.slice(0, 13), { tree }));
    expect({ nodes, retires }).toEqual({ nodes: [], retires: [] });
  });

  test('old templates for parts of the siblings are retired, their exemplars still answered', () => {
    const tree = commit(EMPTY, first);
    const narrow = new ScopeTree();
    // The template as it would be for each of two first letters: what a merge has to unite.
    for (const node of tree.all()) narrow.put(node);
    const renamed = [...tree.all()].map((node) => ({
      ...node,
      id: `old ${node.id}`,
      parent: node.parent === SCOPE ? SCOPE : `old ${node.parent}`,
      state: node.answer === undefined ? node.state : ('probation' as const),
    }));
    const old = new ScopeTree();
    for (const node of renamed) {
      old.put(node);
      old.put({
        ...node,
        id: `${node.id} 2`,
        parent: node.parent === SCOPE ? SCOPE : `${node.parent} 2`,
      });
    }
    const merged = mergeAll(questionOf(observations, { tree: old }));
    expect(merged.retires.toSorted()).toEqual([...old.all()].map(({ id }) => id).toSorted());
    expect(tally(commit(old, merged), greetings)).toEqual({ hits: 24, wrong: [] });
  });

  test('an answer that serves is not retired for one in probation', () => {
    const tree = new ScopeTree();
    for (const node of first.nodes)
      tree.put({
        ...node,
        id: `old ${node.id}`,
        parent: node.parent === SCOPE ? SCOPE : `old ${node.parent}`,
      });
    // So few siblings confirm nothing.
    const { retires } = mergeAll(questionOf(observations.slice(0, 4), { tree }));
    expect(retires).toEqual([]);
  });

  test.each(['quarantined', 'retired'] as const)('a %s template does not come again', (state) => {
    const tree = new ScopeTree();
    for (const node of first.nodes) tree.put({ ...node, state });
    const again = mergeAll(questionOf(observations.slice(0, 12), { tree }));
    expect(again.nodes).toEqual([]);
    expect(again.rejected.map(({ reason }) => reason)).toContain('taken-back');
  });

  test('an answer that feedback took back vetoes the template that gives it', () => {
    const [one] = greetings;
    const tree = commit(EMPTY, mergeAll(questionOf(observations)));
    const decision = ask(tree, one?.messages ?? []);
    const { thread } = observations[0] as Observation;
    const [answer] = threadOf([...(one?.messages ?? []), one?.answer]).messages.slice(-1);
    const texts = answer?.leaves.map(({ text }) => text) ?? [];
    const key = answerKey(
      sha256,
      { scope: SCOPE, thread },
      { skeleton: answer?.skeleton ?? '', texts },
    );
    const vetoed = mergeAll(questionOf(observations, { vetoes: new Set([key]) }));
    expect(decision.kind).toBe('hit');
    expect(vetoed.nodes).toEqual([]);
    expect(vetoed.rejected.map(({ reason }) => reason)).toContain('vetoed');
  });

  test('an exemplar that was answered otherwise keeps its siblings from merging', () => {
    const odd: Recorded = {
      messages: [{ role: 'user', content: 'Say hello to Zacharias Quint.' }],
      answer: { role: 'assistant', content: 'Good evening, Mr Quint.' },
    };
    const tree = commit(EMPTY, merge([...greetings, odd]));
    expect(tally(tree, [...greetings, odd]).wrong).toEqual([]);
  });

  test('children of a node merge below it', () => {
    const system = { role: 'system', content: 'You are polite.' };
    const below = greetings.map(({ messages, answer }) => ({
      messages: [system, ...messages],
      answer,
    }));
    const whole = commit(EMPTY, merge(below));
    const root = [...whole.all()].find(({ parent }) => parent === SCOPE);
    const only = new ScopeTree();
    if (root !== undefined) only.put(root);
    const merged = mergeAll(questionOf(observeAll(below), { tree: only, parent: root?.id ?? '' }));
    expect(merged.nodes.map(({ id }) => id).toSorted()).toEqual(
      [...whole.all()]
        .map(({ id }) => id)
        .filter((id) => id !== root?.id)
        .toSorted(),
    );
  });

  test('a parent that is gone has nothing to merge', () => {
    expect(mergeAll(questionOf(observations, { parent: 'gone' }))).toMatchObject({
      nodes: [],
      retires: [],
    });
  });
});

describe('turns', () => {
  test('long prompts that all share are compared as wholes', () => {
    const prompt = Array.from({ length: 3000 }, (_, index) => `rule ${index}`).join(' ');
    const random = createRandom(8);
    const calls = Array.from({ length: 12 }, (): Recorded => {
      const word = letters(random, 7);
      return {
        messages: [
          { role: 'system', content: prompt },
          { role: 'user', content: `Repeat the word ${word} once` },
        ],
        answer: { role: 'assistant', content: `Here it is: ${word}` },
      };
    });
    expect(merge(calls).templates.map(({ members }) => members)).toEqual([12]);
  });

  test('clients that asked not to be learned from teach nothing', () => {
    const observations = observeAll(
      callsOfAll({ greet: MERGEABLE['greet'] as Conversation }, 9, 12),
    );
    const silent = observations.map((observation) => ({ ...observation, induce: false }));
    expect(mergeAll(questionOf(silent)).nodes).toEqual([]);
  });

  test('nodes are walked from the root: each thread of a conversation reaches its answer', () => {
    const calls = callsOfAll({ weather: MERGEABLE['weather'] as Conversation }, 10, 40);
    const tree = commit(EMPTY, merge(calls));
    const reached = calls.filter(
      ({ messages }) => walk(tree, SCOPE, threadOf(messages), new Map()).kind === 'reached',
    );
    expect(reached.length).toBeGreaterThan(35);
  });

  test('a plan is for one cluster: clusters do not share members', () => {
    const question = questionOf(observeAll(callsOfAll(MERGEABLE, 11, 12)));
    const clusters = clusterChildren(question);
    const members = clusters.flatMap((cluster) => cluster.members);
    expect(new Set(members).size).toBe(members.length);
    const [first] = clusters;
    expect(first && planCluster(question, first).cluster).toBe(first?.id);
  });
});
