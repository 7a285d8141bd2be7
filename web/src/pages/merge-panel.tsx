/** Merging what follows a place: a dry run first, then the same for good, with what came of it side by side. */
import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { MERGE, MERGE_STARTED, UNMERGED, type Merge } from '../../../proxy/admin/contract/merge.ts';
import { get, send } from '../api.ts';
import { whole, words } from '../format.ts';
import { Failure, Panel } from '../parts/page.tsx';
import { useRunUrl } from '../session.ts';

export function MergePanel(props: {
  /** The node, or the scope, whose children are merged. */
  readonly place: { readonly node: string } | { readonly scope: string };
}) {
  const { place } = props;
  const client = useQueryClient();
  const [id, setId] = useState<string>();
  const start = useMutation({
    mutationFn: (dryRun: boolean) =>
      send('POST', '/admin/merge', MERGE_STARTED, { ...place, dryRun }),
    onSuccess: (started) => {
      setId(started.id);
    },
  });
  const merge = useQuery({
    queryKey: ['merge', id],
    queryFn: ({ signal }) => get(`/admin/merges/${encodeURIComponent(id ?? '')}`, MERGE, signal),
    enabled: id !== undefined,
    // A run that has just begun is not written down yet.
    retry: 5,
    refetchInterval: ({ state }) => (state.data?.state === 'running' || !state.data ? 300 : false),
  });
  const state = merge.data?.state;
  const isOver = state !== undefined && state !== 'running';
  useEffect(() => {
    if (isOver)
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'merge' });
  }, [client, isOver]);
  const isRunning = start.isPending || (id !== undefined && !isOver && merge.error === null);
  return (
    <Panel title="Merge what follows">
      <Stack gap="sm">
        <Text size="sm">
          Many siblings that read alike become few templates that cover them. A dry run changes
          nothing.
        </Text>
        <Group gap="xs">
          <Button
            variant="default"
            loading={isRunning}
            onClick={() => {
              start.mutate(true);
            }}
          >
            Dry run
          </Button>
          <Button
            disabled={state !== 'proposed' || isRunning}
            onClick={() => {
              start.mutate(false);
            }}
          >
            Merge for good
          </Button>
        </Group>
        {start.error !== null && <Failure error={start.error} />}
        {merge.error !== null && <Failure error={merge.error} />}
        {merge.data !== undefined && <Result merge={merge.data} />}
      </Stack>
    </Panel>
  );
}

const SAID: Readonly<Record<Merge['state'], string>> = {
  running: 'Looking for templates …',
  proposed: 'This is what would become of it.',
  unchanged: 'There is nothing to merge.',
  committed: 'Merged.',
  cancelled: 'Cancelled: the tree is as it was.',
  failed: 'It failed: the tree is as it was.',
  undone: 'Taken back.',
};

function Result({ merge }: { readonly merge: Merge }) {
  const runUrl = useRunUrl()(merge.workflowId);
  const { progress, counts } = merge;
  return (
    <Stack gap="sm">
      <Text size="sm" fw={600} role="status">
        {SAID[merge.state]} {merge.reason === null ? '' : words(merge.reason)}
      </Text>
      {progress !== null && merge.state === 'running' && (
        <Progress
          value={progress.total === 0 ? 0 : (100 * progress.done) / progress.total}
          aria-label={`Progress: ${progress.step}`}
        />
      )}
      {counts !== null && (
        <Text size="sm">
          {whole(counts.siblings)} siblings, {whole(counts.covered)} covered, {whole(counts.left)}{' '}
          left as they are. {whole(merge.added)} templates added, {whole(merge.retired)} retired.
        </Text>
      )}
      {merge.templates.map((template) => (
        <div key={template.node} className="template-block">
          <Text size="sm" mb={4}>
            for {whole(template.members)} siblings
          </Text>
          <div className="template expected">{template.text.join(' · ')}</div>
          {template.examples.map((example, index) => (
            <div key={index} className="template">
              − {example}
            </div>
          ))}
        </div>
      ))}
      {merge.rejected.map(({ reason, siblings }) => (
        <Text key={reason} size="sm" c="dimmed">
          {whole(siblings)} stay: {words(reason)}
        </Text>
      ))}
      <Group gap="md">
        {merge.state === 'committed' && <Unmerge id={merge.id} />}
        {runUrl !== undefined && (
          <a href={runUrl} target="_blank" rel="noreferrer">
            This run in the Temporal UI
          </a>
        )}
      </Group>
    </Stack>
  );
}

function Unmerge({ id }: { readonly id: string }) {
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => send('POST', `/admin/merges/${encodeURIComponent(id)}/unmerge`, UNMERGED),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={undo.isPending}
        onClick={() => {
          undo.mutate();
        }}
      >
        Take it back
      </Button>
      {undo.error !== null && <Failure error={undo.error} />}
    </>
  );
}
