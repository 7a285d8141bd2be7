/** All workflows: what the worker bundles, and what their types are named by. */
export { induce } from './induce.ts';
export { prune } from './prune.ts';
export { revise } from './revise.ts';
export { merge } from './merge.ts';
export { mergeSchedule } from './merge-schedule.ts';
export { sweep } from './sweep.ts';
