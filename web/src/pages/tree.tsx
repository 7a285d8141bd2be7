/** The graph of one scope: what was learned, and how it hangs together. */
import { Button, Group, Select, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { SCOPES, type ScopeShown } from '../../../proxy/admin/contract/scopes.ts';
import { get } from '../api.ts';
import { plural, whole } from '../format.ts';
import { LIVE } from '../live.ts';
import { Empty, Failure, Loaded, Page } from '../parts/page.tsx';
import { TreeGraph } from '../parts/tree-graph.tsx';
import { Variable } from '../parts/template-view.tsx';
import { useIsOwner } from '../session.ts';
import { MergePanel } from './merge-panel.tsx';
import { useTree, type LazyTree } from './use-tree.ts';

/** A tree of so few nodes is seen as a whole. */
const OPEN_AT_ONCE = 40;

export function TreePage() {
  const [search, setSearch] = useSearchParams();
  const scopes = useQuery({
    queryKey: [LIVE, 'scopes'],
    queryFn: ({ signal }) => get('/admin/scopes?limit=200', SCOPES, signal),
  });
  const wanted = search.get('scope') ?? undefined;
  return (
    <Page title="Tree">
      <Loaded query={scopes}>
        {(data) => {
          const trees = data.scopes.toSorted((a, b) => b.nodes - a.nodes);
          const scope = trees.find(({ id }) => id === wanted) ?? trees[0];
          if (scope === undefined) return <Empty>Nothing was learned yet.</Empty>;
          return (
            <Graph
              scopes={trees}
              scope={scope}
              node={search.get('node') ?? undefined}
              choose={(id) => {
                setSearch({ scope: id });
              }}
            />
          );
        }}
      </Loaded>
    </Page>
  );
}

function Graph(props: {
  readonly scopes: readonly ScopeShown[];
  readonly scope: ScopeShown;
  readonly node: string | undefined;
  readonly choose: (id: string) => void;
}) {
  const { scopes, scope, node, choose } = props;
  const isOwner = useIsOwner();
  const tree = useTree(scope.id);
  const [focus, setFocus] = useState(node);
  const isSmall = scope.nodes <= OPEN_AT_ONCE;
  const open = useRef(tree.expandAll);
  open.current = tree.expandAll;
  useEffect(() => {
    if (isSmall) void open.current();
  }, [scope.id, isSmall]);
  const reveal = useRef(tree.reveal);
  reveal.current = tree.reveal;
  useEffect(() => {
    setFocus(node);
    if (node !== undefined) void reveal.current(node);
  }, [node, scope.id]);
  return (
    <>
      <Tools scopes={scopes} scope={scope} tree={tree} choose={choose} onFound={setFocus} />
      {tree.error !== undefined && <Failure error={tree.error} />}
      {scope.nodes === 0 ? (
        <Empty>No template was learned here yet, only exact answers.</Empty>
      ) : (
        <>
          <section className="flow" aria-label="Graph of templates">
            <TreeGraph
              key={scope.id}
              scope={scope.id}
              nodes={tree.nodes}
              expanded={tree.expanded}
              focus={focus}
              toggle={tree.toggle}
              isWhole={isSmall && focus === undefined}
            />
          </section>
          <Legend loaded={tree.nodes.size} all={scope.nodes} />
        </>
      )}
      {isOwner && <MergePanel key={`merge ${scope.id}`} place={{ scope: scope.id }} />}
    </>
  );
}

const STATES = [
  { label: 'serving', colour: 'var(--hit)' },
  { label: 'in probation: not proved yet', colour: 'var(--miss)' },
  { label: 'quarantined', colour: 'var(--bad)' },
];

function Legend({ loaded, all }: { readonly loaded: number; readonly all: number }) {
  return (
    <Group gap="md">
      <Text size="sm" c="dimmed">
        {whole(loaded)} of {plural(all, 'node')} loaded
      </Text>
      {STATES.map(({ label, colour }) => (
        <Group key={label} gap={6}>
          <span className="swatch" style={{ background: colour }} aria-hidden />
          <Text size="sm">{label}</Text>
        </Group>
      ))}
      <Text size="sm">
        <Variable name="variable" /> one colour everywhere; ƒ computes it; a click on a card shows
        where its own come from
      </Text>
    </Group>
  );
}

function Tools(props: {
  readonly scopes: readonly ScopeShown[];
  readonly scope: ScopeShown;
  readonly tree: LazyTree;
  readonly choose: (id: string) => void;
  readonly onFound: (id: string) => void;
}) {
  const { scopes, scope, tree, choose, onFound } = props;
  const openAll = async () => {
    await tree.expandAll();
    // All that is new pushes the rest apart: what was in sight may be far away now.
    const first = [...tree.nodes.values()].find(({ parent }) => parent === scope.id);
    if (first !== undefined) onFound(first.id);
  };
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label="Tree"
        w="min(100%, 380px)"
        allowDeselect={false}
        searchable
        data={scopes.map((one) => ({ value: one.id, label: labelOf(one) }))}
        value={scope.id}
        onChange={(id) => {
          if (id !== null) choose(id);
        }}
      />
      <Search tree={tree} onFound={onFound} />
      <Button variant="default" onClick={() => void openAll()} loading={tree.isLoading}>
        Open all
      </Button>
      <Button variant="default" onClick={tree.collapse}>
        Close all
      </Button>
      {tree.more !== undefined && (
        <Button variant="default" onClick={() => void tree.more?.()}>
          More
        </Button>
      )}
    </Group>
  );
}

/** Of canonical text, which may be cut: `"model":"m","tools":[…`. What lies deeper is of no interest here. */
function namesIn(parameters: string): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [token] of parameters.matchAll(/"(?:[^"\\]|\\.)*":?|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    else if (depth === 0 && token.endsWith('":')) names.push(token.slice(1, -2));
  }
  return names;
}

function labelOf({ project, model, nodes, parameters }: ScopeShown): string {
  const others = namesIn(parameters).filter((name) => name !== 'model');
  return [`${model} · ${project} · ${plural(nodes, 'node')}`, ...others].join(' · ');
}

function Search({
  tree,
  onFound,
}: {
  readonly tree: LazyTree;
  readonly onFound: (id: string) => void;
}) {
  const [text, setText] = useState('');
  const [found, setFound] = useState<readonly string[]>();
  const [index, setIndex] = useState(0);
  const show = (ids: readonly string[], at: number) => {
    setIndex(at);
    const id = ids[at];
    if (id !== undefined) onFound(id);
  };
  const look = async () => {
    if (found !== undefined && found.length > 0) {
      show(found, (index + 1) % found.length);
      return;
    }
    const ids = await tree.search(text.trim());
    setFound(ids);
    show(ids, 0);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') void look();
      }}
    >
      <Group gap="xs" align="flex-end">
        <TextInput
          label="Search"
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setFound(undefined);
          }}
        />
        <Button type="submit" variant="default">
          {found === undefined || found.length < 2 ? 'Find' : 'Next'}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {found !== undefined &&
            (found.length === 0
              ? 'Nothing has this text'
              : `${String(index + 1)} of ${String(found.length)}`)}
        </Text>
      </Group>
    </form>
  );
}
