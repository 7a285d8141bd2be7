/** Runs the evaluation of workloads by itself. */
import { runWorkloads } from './run.ts';

process.exitCode = runWorkloads(process.argv.slice(2));
