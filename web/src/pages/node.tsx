/** One template: what it says, what speaks for it, what became of it, and what people can do about it. */
import { Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'wouter';
import { NODE, type NodeShown } from '../../../proxy/admin/contract/node.ts';
import { get } from '../api.ts';
import { plural, whole } from '../format.ts';
import { LIVE } from '../live.ts';
import { StateBadge } from '../parts/badges.tsx';
import { CopiedId } from '../parts/copied-id.tsx';
import { Empty, Loaded, Page, Panel } from '../parts/page.tsx';
import { Leaves, Parts, Variable } from '../parts/template-view.tsx';
import { When } from '../parts/when.tsx';
import { useIsOwner, useRunUrl } from '../session.ts';
import { Block } from './decision.tsx';
import { MergePanel } from './merge-panel.tsx';
import { NodeActions } from './node-actions.tsx';

export function NodePage() {
  const { id } = useParams<{ id: string }>();
  const node = useQuery({
    queryKey: [LIVE, 'node', id],
    queryFn: ({ signal }) => get(`/admin/nodes/${encodeURIComponent(id)}`, NODE, signal),
  });
  const isOwner = useIsOwner();
  return (
    <Page
      title="Node"
      actions={
        node.data !== undefined && (
          <Group gap="md">
            <Link href={`/tree?scope=${node.data.scope}&node=${id}`}>In the tree</Link>
            <Link href={`/requests?node=${id}`}>Its calls</Link>
          </Group>
        )
      }
    >
      <Loaded query={node}>
        {(data) => (
          <Stack gap="md">
            <Template node={data} />
            {isOwner && <NodeActions node={data} />}
            {isOwner && data.children > 1 && <MergePanel place={{ node: data.id }} />}
            <div className="grid-2">
              <Evidence node={data} />
              <Variables node={data} />
            </div>
            <div className="grid-2">
              <History node={data} />
              <Exemplars node={data} />
            </div>
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Template({ node }: { readonly node: NodeShown }) {
  return (
    <Panel
      title={node.isAnswer ? 'An answer, and what leads to it' : 'A message, and what leads to it'}
    >
      <Stack gap="sm">
        {node.lineage.map((above) => (
          <div key={above.id}>
            <Group gap="xs" mb={4}>
              <Text size="sm" fw={600} component={Link} href={`/nodes/${above.id}`}>
                {above.role}
              </Text>
              <StateBadge state={above.state} />
            </Group>
            <div className="template-block">
              <Parts parts={above.parts} />
            </div>
          </div>
        ))}
        <div>
          <Group gap="xs" mb={4}>
            <Text size="sm" fw={600}>
              {node.role}
            </Text>
            <StateBadge state={node.state} />
            {node.isPinned && <span className="badge info">pinned</span>}
          </Group>
          <Leaves leaves={node.leaves} />
        </div>
        <Text size="sm" c="dimmed">
          {node.children > 0 &&
            `${whole(node.children)} ${node.children === 1 ? 'node follows' : 'nodes follow'}. `}
          Id: <CopiedId id={node.id} label="id of the node" />
        </Text>
      </Stack>
    </Panel>
  );
}

function Evidence({ node }: { readonly node: NodeShown }) {
  const { confirmations, contradictions, required, reasons, seen } = node.evidence;
  return (
    <Panel title="Evidence">
      <Stack gap="xs">
        <Text size="sm">
          {required === 0
            ? 'It needs no confirmation to serve'
            : `${whole(confirmations)} of ${plural(required, 'confirmation')} needed to serve`}
          , {plural(contradictions, 'contradiction')}, {plural(node.audited, 'audit')}.
        </Text>
        {reasons.map((reason) => (
          <Text key={reason} size="sm">
            {reason}
          </Text>
        ))}
        {seen.length > 0 && (
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">Variable</th>
                <th scope="col">Values seen</th>
              </tr>
            </thead>
            <tbody>
              {seen.map(({ name, values }) => (
                <tr key={name}>
                  <td>
                    <Variable name={name} />
                  </td>
                  <td className="template">
                    {typeof values === 'number' ? whole(values) : values.join(', ')}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {node.guards.length > 0 && <Guards guards={node.guards} />}
      </Stack>
    </Panel>
  );
}

function Guards({ guards }: { readonly guards: NodeShown['guards'] }) {
  return guards.map(({ name, ...rest }) => (
    <Text key={name} size="sm">
      Only while <Variable name={name} />{' '}
      <span className="template">{JSON.stringify(rest['condition'])}</span>
    </Text>
  ));
}

function Variables({ node }: { readonly node: NodeShown }) {
  const matcherOf = (name: string) => node.matchers.find((matcher) => matcher.name === name);
  const derivationOf = (name: string) => node.derivations.find((one) => one.name === name);
  if (node.variables.length === 0) {
    return (
      <Panel title="Variables">
        <Empty>None: this text is fixed.</Empty>
      </Panel>
    );
  }
  return (
    <Panel title="Variables">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Takes</th>
            <th scope="col">Comes from</th>
          </tr>
        </thead>
        <tbody>
          {node.variables.map(({ name, role, node: origin }) => (
            <tr key={name}>
              <td>
                <Variable name={name} />
              </td>
              <td>{describeMatcher(matcherOf(name))}</td>
              <td>
                {origin === null || origin === node.id ? (
                  role === 'derived' ? (
                    'computed here'
                  ) : (
                    'this message'
                  )
                ) : (
                  <Link href={`/nodes/${origin}`}>
                    {role === 'derived' ? 'computed above' : 'a message above'}
                  </Link>
                )}
                <Derivation derivation={derivationOf(name)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function describeMatcher(matcher: NodeShown['matchers'][number] | undefined): string {
  if (matcher === undefined) return '–';
  const values = matcher['values'];
  return Array.isArray(values) ? `one of ${values.map(String).join(', ')}` : matcher.kind;
}

function Derivation(props: { readonly derivation: NodeShown['derivations'][number] | undefined }) {
  const { derivation } = props;
  if (derivation === undefined) return null;
  return (
    <div className="template">
      {'programs' in derivation ? derivation.programs.join('\nor ') : derivation.javascript}
    </div>
  );
}

function History({ node }: { readonly node: NodeShown }) {
  return (
    <Panel title="History">
      <Stack gap={6}>
        {node.history.toReversed().map(({ at, state, note }, index) => (
          <Group key={index} gap="xs" wrap="nowrap" align="baseline">
            <Text size="xs" c="dimmed">
              <When at={at} />
            </Text>
            <StateBadge state={state} />
            <Text size="sm">{note}</Text>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}

const KINDS: Readonly<Record<string, string>> = { example: 'ok', counter: 'bad' };

function Exemplars({ node }: { readonly node: NodeShown }) {
  const runUrl = useRunUrl();
  return (
    <Panel title="Exchanges that speak for it, or against">
      <Stack gap="sm">
        {node.exemplars.length === 0 && <Empty>None are kept.</Empty>}
        {node.exemplars.map(({ observation, kind, workflowId, content }) => {
          const url = runUrl(workflowId);
          return (
            <div key={observation}>
              <Group gap="xs">
                <span className={`badge ${KINDS[kind] ?? 'calm'}`}>{kind}</span>
                <span className="template">{observation.slice(0, 12)}</span>
                {url !== undefined && !observation.startsWith('feedback:') && (
                  <a href={url} target="_blank" rel="noreferrer">
                    Run in the Temporal UI
                  </a>
                )}
              </Group>
              {content !== undefined && (
                <Stack gap="xs" mt="xs">
                  <Block
                    label={`Messages of ${observation.slice(0, 12)}`}
                    text={content.messages}
                  />
                  <Block label={`Answer of ${observation.slice(0, 12)}`} text={content.answer} />
                </Stack>
              )}
            </div>
          );
        })}
        {node.exemplars.every(({ content }) => content === undefined) && (
          <Empty>Messages are shown only where LOG_CONTENT is on.</Empty>
        )}
      </Stack>
    </Panel>
  );
}
