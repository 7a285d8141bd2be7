/** Which nodes of a tree are in sight, and where they stand: linear in their number, so 5,000 are no matter. */
import { hierarchy, tree } from 'd3-hierarchy';
import type { TreeNodeShown } from '../../../proxy/admin/contract/template.ts';

export const CARD = { width: 300, height: 92 };
export const GAP = { x: 90, y: 20 };

export interface Placed {
  readonly node: TreeNodeShown;
  readonly x: number;
  readonly y: number;
}

interface Item {
  readonly id: string;
  readonly node: TreeNodeShown | undefined;
  readonly children: Item[];
}

/** `expanded`: whose children are shown; the scope's own are always. */
export function layOut(
  scope: string,
  nodes: ReadonlyMap<string, TreeNodeShown>,
  expanded: ReadonlySet<string>,
): readonly Placed[] {
  const byParent = Map.groupBy(nodes.values(), ({ parent }) => parent);
  const root: Item = { id: scope, node: undefined, children: [] };
  const open: Item[] = [root];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (item !== root && !expanded.has(item.id)) continue;
    for (const node of byParent.get(item.id) ?? []) {
      const child: Item = { id: node.id, node, children: [] };
      item.children.push(child);
      open.push(child);
    }
  }
  // The tree grows to the right: what the library calls x is our y.
  const place = tree<Item>().nodeSize([CARD.height + GAP.y, CARD.width + GAP.x]);
  const placed = place(hierarchy(root)).descendants();
  return placed.flatMap(({ data, x, y }) =>
    data.node === undefined ? [] : [{ node: data.node, x: y, y: x }],
  );
}

export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly variable: string;
}

/** From where each variable is bound to where else on the path to `id` it stands. */
export function flowsTo(nodes: ReadonlyMap<string, TreeNodeShown>, id: string): readonly Flow[] {
  const path: TreeNodeShown[] = [];
  for (let node = nodes.get(id); node !== undefined; node = nodes.get(node.parent)) {
    path.unshift(node);
  }
  const origins = new Map<string, string>();
  const flows: Flow[] = [];
  for (const node of path) {
    const names = node.parts.flatMap((part) => ('variable' in part ? [part.variable] : []));
    for (const name of new Set(names)) {
      const from = origins.get(name);
      if (from !== undefined) flows.push({ from, to: node.id, variable: name });
    }
    for (const name of [...node.reads, ...node.derives]) origins.set(name, node.id);
  }
  return flows;
}
