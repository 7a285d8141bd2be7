/** The nodes of a tree that the page knows so far: children come when they are asked for. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { TREE, type TreePage } from '../../../proxy/admin/contract/scopes.ts';
import type { TreeNodeShown } from '../../../proxy/admin/contract/template.ts';
import { get, query } from '../api.ts';

/** More nodes than a person looks through, and what a browser draws fluently. */
export const NODES_MAX = 20_000;
const PAGE = 200;
const PAGE_ALL = 1000;

type Known = ReadonlyMap<string, TreeNodeShown>;

export interface LazyTree {
  readonly nodes: Known;
  readonly expanded: ReadonlySet<string>;
  readonly isLoading: boolean;
  readonly error: Error | undefined;
  readonly toggle: (node: TreeNodeShown) => void;
  readonly expandAll: () => Promise<void>;
  readonly collapse: () => void;
  /** Nodes with the text; their paths are opened. Gives back their ids. */
  readonly search: (text: string) => Promise<readonly string[]>;
  /** Opens the path to a node. */
  readonly reveal: (id: string) => Promise<void>;
  /** The root's next children, where there are more. */
  readonly more: (() => Promise<void>) | undefined;
}

const NONE: ReadonlySet<string> = new Set();

export function useTree(scope: string | undefined): LazyTree {
  const [nodes, setNodes] = useState<Known>(new Map());
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(NONE);
  const [pending, setPending] = useState(0);
  const [error, setError] = useState<Error>();
  const [next, setNext] = useState<string | null>(null);
  const load = useLoader(scope, setPending, setError);
  const add = useCallback((found: readonly TreeNodeShown[]) => {
    setNodes((known) => new Map([...known, ...found.map((node) => [node.id, node] as const)]));
  }, []);
  const open = useCallback((ids: readonly string[]) => {
    setExpanded((before) => new Set([...before, ...ids]));
  }, []);
  const roots = useCallback(
    async (cursor?: string) => {
      const page = await load({ limit: PAGE, cursor });
      if (page === undefined) return;
      add(page.nodes);
      setNext(page.next);
    },
    [load, add],
  );
  useEffect(() => {
    setNodes(new Map());
    setExpanded(NONE);
    setNext(null);
    if (scope !== undefined) void roots();
  }, [scope, roots]);
  const toggle = useToggle(load, add, expanded, setExpanded);
  const find = async (values: Readonly<Record<string, string>>) => {
    const page = await load(values);
    if (page === undefined) return [];
    add(page.nodes);
    const parents = new Set(page.nodes.map(({ parent }) => parent));
    open([...parents]);
    return page.found ?? [];
  };
  return {
    nodes,
    expanded,
    isLoading: pending > 0,
    error,
    toggle,
    expandAll: async () => {
      const all = await loadAll(load);
      add(all);
      open(all.map(({ id }) => id));
      setNext(null);
    },
    collapse: () => {
      setExpanded(NONE);
    },
    search: (text) => find({ q: text }),
    reveal: async (id) => {
      await find({ path: id });
    },
    more: next === null ? undefined : () => roots(next),
  };
}

type Load = (
  values: Readonly<Record<string, string | number | undefined>>,
) => Promise<TreePage | undefined>;

function useLoader(
  scope: string | undefined,
  setPending: (change: (count: number) => number) => void,
  setError: (error: Error | undefined) => void,
): Load {
  const client = useQueryClient();
  const current = useRef(scope);
  current.current = scope;
  return useCallback(
    async (values) => {
      if (scope === undefined) return undefined;
      setPending((count) => count + 1);
      try {
        const page = await client.query({
          queryKey: ['tree', scope, values],
          queryFn: ({ signal }) => get(`/admin/tree${query({ scope, ...values })}`, TREE, signal),
          staleTime: 0,
          gcTime: 0,
        });
        setError(undefined);
        // Another tree may have been chosen meanwhile.
        return current.current === scope ? page : undefined;
      } catch (error) {
        setError(error instanceof Error ? error : new Error(String(error)));
        return undefined;
      } finally {
        setPending((count) => count - 1);
      }
    },
    [client, scope, setPending, setError],
  );
}

function useToggle(
  load: Load,
  add: (found: readonly TreeNodeShown[]) => void,
  expanded: ReadonlySet<string>,
  setExpanded: (change: (before: ReadonlySet<string>) => ReadonlySet<string>) => void,
): LazyTree['toggle'] {
  const now = useRef(expanded);
  now.current = expanded;
  return useCallback(
    (node) => {
      if (now.current.has(node.id)) {
        setExpanded((before) => new Set([...before].filter((id) => id !== node.id)));
        return;
      }
      const openNode = async () => {
        for (let cursor: string | undefined; ;) {
          const page = await load({ parent: node.id, limit: PAGE_ALL, cursor });
          if (page === undefined) return;
          add(page.nodes);
          if (page.next === null) break;
          cursor = page.next;
        }
        setExpanded((before) => new Set([...before, node.id]));
      };
      void openNode();
    },
    [load, add, setExpanded],
  );
}

async function loadAll(load: Load): Promise<readonly TreeNodeShown[]> {
  const all: TreeNodeShown[] = [];
  for (let cursor: string | undefined; all.length < NODES_MAX;) {
    const page = await load({ all: 'true', limit: PAGE_ALL, cursor });
    if (page === undefined) break;
    all.push(...page.nodes);
    if (page.next === null) break;
    cursor = page.next;
  }
  return all;
}
