/** How every part is. Without a session: only that, with no names, counts or advice. */
import { Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { HEALTH, PUBLIC_STATUS } from '../../../proxy/admin/contract/health.ts';
import { get } from '../api.ts';
import { Loaded, Page, Panel } from '../parts/page.tsx';
import { useSession } from '../session.ts';

const NAMES = { proxy: 'Proxy', worker: 'Worker', temporal: 'Temporal', mongodb: 'MongoDB' };
const SAID = {
  ok: 'All parts work.',
  degraded: 'Calls are answered; some of the rest does not work.',
  down: 'Calls are not answered.',
};
const BADGES = { ok: 'ok', degraded: 'warn', down: 'bad' };

export function StatusPage() {
  const isIn = useSession().data !== undefined;
  const schema = HEALTH.or(PUBLIC_STATUS);
  const status = useQuery({
    queryKey: ['status', isIn],
    queryFn: ({ signal }) => get(isIn ? '/admin/health' : '/status/public', schema, signal),
    refetchInterval: 5000,
  });
  return (
    <Page title="Status">
      <Loaded query={status}>
        {({ state, parts }) => (
          <Stack gap="md">
            <Text fw={600} role="status">
              {SAID[state]}
            </Text>
            <div className="grid-4">
              {parts.map((part) => (
                <Panel key={part.name} title={NAMES[part.name]}>
                  <Group gap="xs" mb="xs">
                    <span className={`badge ${BADGES[part.state]}`}>{part.state}</span>
                  </Group>
                  {'note' in part && <Text size="sm">{part.note}</Text>}
                </Panel>
              ))}
            </div>
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}
