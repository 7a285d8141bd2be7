/** Child of bundle-workflows.ts: node write-workflow-bundle.ts ENTRY FILE [INTERCEPTORS...] writes the bundle of ENTRY. */
import { bundleWorkflowCode } from '@temporalio/worker';
import { renameSync, writeFileSync } from 'node:fs';

const [entry, file, ...workflowInterceptorModules] = process.argv.slice(2);
if (entry === undefined || file === undefined) throw new Error('usage: ENTRY FILE');
const { code } = await bundleWorkflowCode({
  workflowsPath: entry,
  workflowInterceptorModules,
});
const draft = `${file}.${process.pid}`;
writeFileSync(draft, code);
renameSync(draft, file); // Whole or not there: another start may look for it.
