/** Merging what follows a place: a dry run first, then the same for good, with what came of it side by side. */
import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import {
  CANCELLED,
  MERGE,
  MERGE_STARTED,
  MERGES,
  UNMERGED,
  type Merge,
} from '../../../proxy/admin/contract/merge.ts';
import { get, query, send } from '../api.ts';
import { plural, whole, words } from '../format.ts';
import { Failure, Panel } from '../parts/page.tsx';
import { When } from '../parts/when.tsx';
import { useIsOwner, useRunUrl } from '../session.ts';

export function MergePanel(props: {
  /** The node, or the scope, whose children are merged. */
  readonly place: { readonly node: string } | { readonly scope: string };
}) {
  const { place } = props;
  const client = useQueryClient();
  const parent = 'node' in place ? place.node : place.scope;
  const [started, setStarted] = useState<string>();
  const newest = useQuery({
    queryKey: ['merges', parent],
    queryFn: ({ signal }) => get(`/admin/merges${query({ parent, limit: 1 })}`, MERGES, signal),
  }).data?.merges[0];
  // One that is under way, or was the last here, whoever began it.
  const id = started ?? newest?.id;
  const start = useMutation({
    mutationFn: (dryRun: boolean) =>
      send('POST', '/admin/merge', MERGE_STARTED, { ...place, dryRun }),
    onSuccess: (begun) => {
      setStarted(begun.id);
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
      void client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] !== 'merge' && queryKey[0] !== 'merges',
      });
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

const BY: Readonly<Record<Merge['by'], string>> = {
  hand: 'by hand',
  threshold: 'by itself, for many siblings',
  schedule: 'by schedule',
};

function Result({ merge }: { readonly merge: Merge }) {
  const runUrl = useRunUrl()(merge.workflowId);
  const isOwner = useIsOwner();
  const { progress, counts } = merge;
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Text size="sm" fw={600} role="status">
          {SAID[merge.state]} {merge.reason === null ? '' : words(merge.reason)}
        </Text>
        <Text size="sm" c="dimmed">
          {merge.dryRun ? 'Dry run' : 'Merge'} {BY[merge.by]}, <When at={merge.startedAt} />
        </Text>
        {merge.state === 'running' && isOwner && <Cancel id={merge.id} />}
      </Group>
      {progress !== null && merge.state === 'running' && (
        <Progress
          value={progress.total === 0 ? 0 : (100 * progress.done) / progress.total}
          aria-label={`Progress: ${progress.step}`}
        />
      )}
      {counts !== null && (
        <Text size="sm">
          {plural(counts.siblings, 'sibling')}, {whole(counts.covered)} covered by{' '}
          {plural(merge.templates.length, 'template')}, {whole(counts.left)} left as they are.
          {merge.state === 'committed' &&
            ` ${plural(merge.added, 'template')} added, ${whole(merge.retired)} retired.`}
        </Text>
      )}
      {merge.templates.map((template) => (
        <Diff key={template.node} template={template} isDone={merge.state === 'committed'} />
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

/** What goes, and what comes in its place, as a change of text is shown. */
function Diff(props: { readonly template: Merge['templates'][number]; readonly isDone: boolean }) {
  const { members, text, examples, node, retires } = props.template;
  const others = members - examples.length;
  return (
    <div
      className="template-block"
      tabIndex={0}
      role="region"
      aria-label={`Template for ${plural(members, 'sibling')}`}
    >
      <Group gap="md" mb={4}>
        <Text size="sm">
          for {plural(members, 'sibling')}
          {retires.length > 0 &&
            `; ${plural(retires.length, 'node')} ${props.isDone ? 'retired' : 'would be retired'}`}
        </Text>
        {props.isDone && <Link href={`/nodes/${node}`}>its node</Link>}
      </Group>
      {examples.map((example, index) => (
        <div key={index} className="template marked">
          − {example}
        </div>
      ))}
      {examples.length > 0 && others > 0 && (
        <div className="template">− … and {whole(others)} more</div>
      )}
      <div className="template expected">+ {text.join(' · ')}</div>
    </div>
  );
}

function Cancel({ id }: { readonly id: string }) {
  const cancel = useMutation({
    mutationFn: () => send('POST', `/admin/merges/${encodeURIComponent(id)}/cancel`, CANCELLED),
  });
  return <DoButton work={cancel}>Cancel the merge</DoButton>;
}

function Unmerge({ id }: { readonly id: string }) {
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => send('POST', `/admin/merges/${encodeURIComponent(id)}/unmerge`, UNMERGED),
    onSuccess: () => client.invalidateQueries(),
  });
  return <DoButton work={undo}>Take it back</DoButton>;
}

/** Says so where it failed. */
function DoButton(props: {
  readonly work: {
    readonly isPending: boolean;
    readonly error: Error | null;
    readonly mutate: () => void;
  };
  readonly children: ReactNode;
}) {
  const { work, children } = props;
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={work.isPending}
        onClick={() => {
          work.mutate();
        }}
      >
        {children}
      </Button>
      {work.error !== null && <Failure error={work.error} />}
    </>
  );
}
