/** The file that is bundled with the workflows, so that their spans come into the trace. */
import { createRequire } from 'node:module';

export const WORKFLOW_INTERCEPTORS = createRequire(import.meta.url).resolve(
  '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors',
);
