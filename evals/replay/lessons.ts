/** What Ghee made of each call of a replay: what its run cost, and which path of the tree the call is on now. */
import { connectMongo, type Database } from '../../adapters/mongo/connect.ts';
import { ObservationStore } from '../../adapters/mongo/observation-store.ts';
import { TreeStore } from '../../adapters/mongo/tree-store.ts';
import { readExchange } from '../../core/induction/exchange.ts';
import type { Observation } from '../../core/observation.ts';
import { literalCharacters, showTemplate } from '../../core/template/template.ts';
import type { TreeNode } from '../../core/tree/node.ts';
import type { ScopeTree } from '../../core/tree/scope-tree.ts';
import { walk } from '../../core/tree/walk.ts';
import type { OwnGhee } from '../../scripts/own-ghee.ts';
import type { ReplayedCall } from './replay.ts';

export interface Lesson {
  /** What its run came to, or that it is under way. */
  readonly outcome: string;
  /** From the answer to the end of the run, most of it waiting; 0 while it is under way. */
  readonly seconds: number;
  /** Of calls to a model. */
  readonly dollars: number;
}

/** A call, what it taught, and the behaviour that it belongs to. */
export interface LearnedCall extends ReplayedCall {
  readonly lesson: Lesson | undefined;
  readonly behaviour: string;
}

/** Behaviour of calls without a name that no template covers. */
const NO_TEMPLATE = '(no template)';

/** Calls were made one after the other. Errors: rejects with a StoreError. */
export async function readLessons(
  ghee: OwnGhee,
  calls: readonly ReplayedCall[],
): Promise<LearnedCall[]> {
  const database = connectMongo({ uri: ghee.mongodbUri, database: 'ghee' });
  try {
    const taught = await observationsOf(database, calls);
    const isNamed = calls.every(({ row }) => row.behaviour !== undefined);
    const paths = isNamed
      ? new Map<ReplayedCall, string>()
      : await pathsOf(database, calls, new Map([...taught].map(([call, { _id }]) => [call, _id])));
    return calls.map((call) => ({
      ...call,
      lesson: lessonOf(taught.get(call)),
      behaviour: call.row.behaviour ?? paths.get(call) ?? NO_TEMPLATE,
    }));
  } finally {
    await database.close();
  }
}

type Recorded = Awaited<ReturnType<typeof readRecorded>>[number];

function readRecorded({ observations }: Database) {
  return observations
    .find({}, { projection: { at: 1, induction: 1, inducer: 1, scope: 1 } })
    .sort({ at: 1 })
    .toArray();
}

/** An observation belongs to the call that was under way when it was made. */
async function observationsOf(
  database: Database,
  calls: readonly ReplayedCall[],
): Promise<ReadonlyMap<ReplayedCall, Recorded>> {
  const recorded = await readRecorded(database);
  const taught = new Map<ReplayedCall, Recorded>();
  let next = 0;
  for (const [index, call] of calls.entries()) {
    const end = calls[index + 1]?.at ?? Infinity;
    for (let one = recorded[next]; one !== undefined && one.at < end; one = recorded[++next])
      if (one.at >= call.at) taught.set(call, one);
  }
  return taught;
}

function lessonOf(recorded: Recorded | undefined): Lesson | undefined {
  if (recorded === undefined) return undefined;
  const { at, inducer } = recorded;
  const induction: Readonly<Record<string, unknown>> = { ...recorded.induction };
  const microUsd = inducer?.['microUsd'];
  const isDone = induction['state'] === 'done' && typeof induction['at'] === 'number';
  return {
    outcome: isDone ? String(induction['outcome']) : 'under way',
    seconds: isDone ? Math.max(0, Number(induction['at']) - at) / 1000 : 0,
    dollars: typeof microUsd === 'number' ? microUsd / 1e6 : 0,
  };
}

/** For people: the path that a call takes through the trees as they are at the end. */
async function pathsOf(
  database: Database,
  calls: readonly ReplayedCall[],
  taught: ReadonlyMap<ReplayedCall, string>,
): Promise<ReadonlyMap<ReplayedCall, string>> {
  const options = { now: Date.now, onSkipped: () => undefined };
  const observations = await new ObservationStore(database, options).readMany([...taught.values()]);
  const trees = await treesOf(new TreeStore(database, options), [...observations.values()]);
  const paths = new Map<ReplayedCall, string>();
  /** Repeats are served without a template; they belong where the first of them does. */
  const byRequest = new Map<string, string>();
  for (const call of calls) {
    const observation = observations.get(taught.get(call) ?? '');
    const request = JSON.stringify(call.row.request);
    const path =
      observation === undefined
        ? (pathTo(trees, call.node) ?? byRequest.get(request))
        : pathOf(trees, observation);
    if (path === undefined) continue;
    paths.set(call, path);
    byRequest.set(request, path);
  }
  return paths;
}

type Trees = ReadonlyMap<string, ScopeTree>;

async function treesOf(store: TreeStore, observations: readonly Observation[]): Promise<Trees> {
  const trees = new Map<string, ScopeTree>();
  for (const scope of new Set(observations.map((observation) => observation.scope)))
    trees.set(scope, (await store.readTree(scope)).tree);
  return trees;
}

function pathTo(trees: Trees, id: string | undefined): string | undefined {
  for (const tree of trees.values()) {
    const path: TreeNode[] = [];
    for (let node = tree.get(id ?? ''); node !== undefined; node = tree.get(node.parent))
      path.unshift(node);
    if (path.length > 0) return describePath(path);
  }
  return undefined;
}

/** Of several the most general one: it is the behaviour, the others are cases of it. */
function pathOf(trees: Trees, observation: Observation): string | undefined {
  const { scope, bindings } = observation;
  const tree = trees.get(scope);
  const thread = readExchange(observation)?.thread;
  if (tree === undefined || thread === undefined) return undefined;
  const walked = walk(tree, scope, thread, new Map(bindings));
  if (walked.kind !== 'reached') return undefined;
  const [most] = walked.answers.toSorted((a, b) => literalsIn(a.path) - literalsIn(b.path));
  return most === undefined ? undefined : describePath(most.path);
}

function literalsIn(path: readonly TreeNode[]): number {
  return path.reduce((sum, { template }) => sum + literalCharacters(template), 0);
}

const SHOWN_CHARACTERS = 100;

/** `Say hello to {{name}} → Hello, {{name}}!` */
function describePath(path: readonly TreeNode[]): string {
  return path.slice(-2).map(shown).join(' → ');
}

function shown({ template }: TreeNode): string {
  const text = showTemplate(template).replace(/\s+/g, ' ').trim();
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
}
