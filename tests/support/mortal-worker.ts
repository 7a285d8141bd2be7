/**
 * A worker that is killed while it merges: `node mortal-worker.ts <options as JSON>`. It is the real one, with the real
 * stores; only around the named activity of the named scope's merge it sends itself SIGKILL.
 */
import { NativeConnection, Worker } from '@temporalio/worker';
import { FeedbackStore } from '../../adapters/mongo/feedback-store.ts';
import { MergeStore } from '../../adapters/mongo/merge-store.ts';
import { ObservationStore } from '../../adapters/mongo/observation-store.ts';
import { TreeStore } from '../../adapters/mongo/tree-store.ts';
import { createMergeActivities } from '../../activities/create-activities.ts';
import { connectTo } from './stored-siblings.ts';

/** `within`: the transaction of the commit is under way, and some of it is written. */
export interface Death {
  readonly scope: string;
  readonly activity: string;
  readonly when: 'within' | 'after';
}

export interface MortalOptions {
  readonly mongodbUri: string;
  readonly database: string;
  readonly temporalAddress: string;
  readonly taskQueues: readonly string[];
  readonly codePath: string;
  readonly death?: Death;
}

const options = JSON.parse(process.argv[2] ?? '{}') as MortalOptions;
const { death } = options;
const database = connectTo(options.mongodbUri, options.database);
const onSkipped = (): void => undefined;
let isCommitting = false;
/** The clock is read when the commit's transaction writes what retires and what comes. */
const now = (): number => {
  if (isCommitting && death?.when === 'within') die();
  return Date.now();
};
const merges = new MergeStore(database, { now });
const activities = createMergeActivities({
  merges,
  observations: new ObservationStore(database, { now: Date.now, onSkipped }),
  trees: new TreeStore(database, { now: Date.now, onSkipped }),
  feedback: new FeedbackStore(database, { now: Date.now }),
  errorBudget: 0.005,
  now: Date.now,
  mergeStarter: {
    start: () => Promise.resolve(undefined),
    endOf: () => Promise.resolve(undefined),
  },
  mergeThreshold: 8,
});

const connection = await NativeConnection.connect({ address: options.temporalAddress });
const workers = options.taskQueues.map((taskQueue) =>
  Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: options.codePath },
    activities: Object.fromEntries(Object.entries(activities).map(mortal)),
  }),
);
for (const worker of await Promise.all(workers)) void worker.run();

type Activity = (...args: never[]) => Promise<unknown>;

function mortal([name, activity]: [string, Activity]): [string, Activity] {
  if (name !== death?.activity) return [name, activity];
  const dying: Activity = async (...args: never[]) => {
    const [id, request] = args as readonly unknown[] as [string, { scope?: string }?];
    const scope = request?.scope ?? (await merges.read(id))?.scope;
    if (scope !== death.scope) return activity(...args);
    isCommitting = name === 'commitMerge';
    const result = await activity(...args);
    die();
    return result;
  };
  return [name, dying];
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
