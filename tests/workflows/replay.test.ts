/**
 * Runs that are under way when Ghee is updated go on under the new code: every recorded history replays as it went
 * (record-histories.ts records them). A change of what a workflow does must be behind `patched(...)`.
 */
import { expect, test } from '@jest/globals';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.join(import.meta.dirname, 'histories');
const NAMES = readdirSync(FOLDER).map((file) => path.basename(file, '.json'));
const codePath = process.env['GHEE_TEST_WORKFLOW_BUNDLE'] ?? '';

interface RecordedEvent {
  readonly workflowExecutionStartedEventAttributes?: { readonly workflowType?: { name: string } };
}

function historyOf(name: string): { readonly events: readonly RecordedEvent[] } {
  return JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8')) as {
    events: RecordedEvent[];
  };
}

test('every workflow has a recorded history', async () => {
  const recorded = new Set(
    NAMES.map(
      (name) =>
        historyOf(name).events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name,
    ),
  );
  const workflows = Object.keys(await import('../../workflows/bundle.ts'));
  expect([...recorded].toSorted()).toEqual(workflows.toSorted());
});

test.each(NAMES)('%s replays as it went', async (name) => {
  await Worker.runReplayHistory({ workflowBundle: { codePath } }, historyOf(name), name);
});

test('a history that a workflow would not have made does not replay', async () => {
  const { events } = historyOf('merge-committed');
  const [first, ...rest] = events;
  const attributes = { ...first?.workflowExecutionStartedEventAttributes };
  const another = { ...attributes, workflowType: { name: 'sweep' } };
  const history = {
    events: [{ ...first, workflowExecutionStartedEventAttributes: another }, ...rest],
  };
  const replayed = Worker.runReplayHistory({ workflowBundle: { codePath } }, history, 'changed');
  await expect(replayed).rejects.toThrow(DeterminismViolationError);
});
