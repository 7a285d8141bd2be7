/** What an owner can do about a node. What cannot be undone asks first. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { NodeShown } from '../../../proxy/admin/contract/node.ts';
import { NODE_CHANGED, type NodeChanged } from '../../../proxy/admin/contract/node-change.ts';
import { PURGED, type Purged } from '../../../proxy/admin/contract/purge.ts';
import { send } from '../api.ts';
import { whole } from '../format.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Failure, Loaded, Panel } from '../parts/page.tsx';

type Verb = 'approve' | 'quarantine' | 'pin' | 'unpin';

export function NodeActions({ node }: { readonly node: NodeShown }) {
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const change = useMutation({
    mutationFn: (verb: Verb) =>
      send(
        'POST',
        `/admin/nodes/${encodeURIComponent(node.id)}/${verb}`,
        NODE_CHANGED,
        note.trim() === '' ? {} : { note },
      ),
    onSuccess: async () => {
      setNote('');
      await client.invalidateQueries();
    },
  });
  const isRetired = node.state === 'retired';
  const button = (verb: Verb, label: string, canBeDone: boolean) => (
    <Button
      variant={verb === 'approve' ? 'filled' : 'default'}
      disabled={!canBeDone}
      loading={change.isPending && change.variables === verb}
      onClick={() => {
        change.mutate(verb);
      }}
    >
      {label}
    </Button>
  );
  return (
    <Panel title="Actions">
      <Group gap="xs" align="flex-end">
        <TextInput
          label="Note for the history"
          value={note}
          maxLength={200}
          onChange={(event) => {
            setNote(event.currentTarget.value);
          }}
        />
        {button(
          'approve',
          'Approve',
          node.state === 'quarantined' || (node.isAnswer && node.state === 'probation'),
        )}
        {button('quarantine', 'Quarantine', node.state !== 'quarantined' && !isRetired)}
        {node.isPinned ? button('unpin', 'Unpin', !isRetired) : button('pin', 'Pin', !isRetired)}
        <DeleteSubtree node={node} />
      </Group>
      <Text size="sm" c="dimmed" mt="xs">
        Approved: it serves without more proof. Quarantined: it never serves. Pinned: Ghee does not
        prune, merge or revise it by itself.
      </Text>
      {change.error !== null && <Failure error={change.error} />}
      {change.data !== undefined && (
        <Text size="sm" role="status" mt="xs">
          {describe(change.data)}
        </Text>
      )}
    </Panel>
  );
}

function describe({ isChanged, state, isPinned }: NodeChanged): string {
  return isChanged
    ? `It is ${state}${isPinned ? ' and pinned' : ''} now.`
    : 'Nothing had to change.';
}

/** Counts first what would go; then it goes for good. */
function DeleteSubtree({ node }: { readonly node: NodeShown }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const counts = useQuery({
    queryKey: ['subtree', node.id],
    queryFn: () =>
      send('POST', '/admin/purge', PURGED, { filter: { node: node.id }, dryRun: true }),
    enabled: isOpen,
    gcTime: 0,
  });
  const remove = useMutation({
    mutationFn: () => send('DELETE', `/admin/nodes/${encodeURIComponent(node.id)}`, PURGED),
    onSuccess: async () => {
      navigate(`/tree?scope=${encodeURIComponent(node.scope)}`);
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] !== 'node' });
    },
  });
  return (
    <>
      <Button color="red.9" variant="filled" onClick={open}>
        Delete the subtree
      </Button>
      <Confirm
        isOpen={isOpen}
        title="Delete the subtree"
        verb="Delete for good"
        isReady={counts.data !== undefined}
        work={remove}
        onConfirm={() => {
          remove.mutate();
        }}
        onClose={close}
      >
        <Stack gap="xs">
          <Text size="sm">
            This node goes, with all below it and what it was learned from. The next such call is a
            miss, and is learned from anew. There is no way back.
          </Text>
          <Loaded query={counts}>{(data) => <Counts counts={data} />}</Loaded>
        </Stack>
      </Confirm>
    </>
  );
}

const COUNTED = [
  ['nodes', 'Nodes'],
  ['answers', 'Exact answers'],
  ['observations', 'Observations'],
  ['exemplars', 'Links to evidence'],
] as const;

function Counts({ counts }: { readonly counts: Purged }) {
  return (
    <table className="plain" aria-label="What would be deleted">
      <tbody>
        {COUNTED.map(([name, label]) => (
          <tr key={name}>
            <th scope="row">{label}</th>
            <td className="num">{whole(counts[name])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
