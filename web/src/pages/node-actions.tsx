/** What an owner can do about a node. What cannot be undone asks first. */
import { Button, Group, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { NODE_CHANGED, type NodeShown } from '../../../proxy/admin/contract/node.ts';
import { send } from '../api.ts';
import { Failure, Panel } from '../parts/page.tsx';

export function NodeActions({ node }: { readonly node: NodeShown }) {
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const change = useMutation({
    mutationFn: (verb: 'approve' | 'quarantine') =>
      send(
        'POST',
        `/admin/nodes/${encodeURIComponent(node.id)}/${verb}`,
        NODE_CHANGED,
        note.trim() === '' ? {} : { note },
      ),
    onSuccess: () => client.invalidateQueries(),
  });
  const canApprove = node.state === 'quarantined' || (node.isAnswer && node.state === 'probation');
  const canQuarantine = node.state !== 'quarantined' && node.state !== 'retired';
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
        <Button
          disabled={!canApprove}
          loading={change.isPending && change.variables === 'approve'}
          onClick={() => {
            change.mutate('approve');
          }}
        >
          Approve
        </Button>
        <Button
          variant="default"
          disabled={!canQuarantine}
          loading={change.isPending && change.variables === 'quarantine'}
          onClick={() => {
            change.mutate('quarantine');
          }}
        >
          Quarantine
        </Button>
      </Group>
      {change.error !== null && <Failure error={change.error} />}
      {change.data !== undefined && (
        <Text size="sm" role="status" mt="xs">
          {change.data.isChanged ? `It is ${change.data.state} now.` : 'Nothing had to change.'}
        </Text>
      )}
    </Panel>
  );
}
