/** Which nodes of a tree are open, and where they stand: linear in their number, so 5,000 are no matter. */
import { hierarchy, tree } from 'd3-hierarchy';
import type { TreeNodeShown } from '../../../proxy/admin/contract/template.ts';

export const CARD = { width: 280, height: 98 };
export const GAP = { x: 56, y: 18 };
/** Cards of other families stand a little apart. */
const APART = 1.25;

export interface Placed {
  readonly node: TreeNodeShown;
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly placed: readonly Placed[];
  readonly byId: ReadonlyMap<string, Placed>;
  /** The open children of each node, from the top down. */
  readonly families: ReadonlyMap<string, readonly Placed[]>;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
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
): Layout {
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
  const place = tree<Item>()
    .nodeSize([CARD.height + GAP.y, CARD.width + GAP.x])
    .separation((a, b) => (a.parent === b.parent ? 1 : APART));
  const placed = place(hierarchy(root))
    .descendants()
    .flatMap(({ data, x, y }) =>
      data.node === undefined ? [] : [{ node: data.node, x: y, y: x }],
    );
  return {
    placed,
    byId: new Map(placed.map((one) => [one.node.id, one])),
    families: Map.groupBy(placed, ({ node }) => node.parent),
  };
}

/** What holds all of them. */
export function boxOf(placed: readonly Placed[]): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y } of placed) {
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x + CARD.width);
    box.bottom = Math.max(box.bottom, y + CARD.height);
  }
  return box;
}

/**
 * The cards in a box, and those outside to which a line from or through it leads. Of many children beyond an edge
 * only the nearest counts: the lines to the others lie under its own.
 */
export function inSight({ placed, byId, families }: Layout, box: Box): ReadonlySet<Placed> {
  const seen = new Set(placed.filter((one) => isIn(one, box)));
  for (const [parent, children] of families) {
    const from = byId.get(parent);
    const [first] = children;
    if (from === undefined || first === undefined) continue;
    if (first.x + CARD.width < box.left || from.x > box.right) continue;
    const above = children.findLast(({ y }) => y + CARD.height < box.top);
    const below = children.find(({ y }) => y > box.bottom);
    const within = children.filter((child) => seen.has(child));
    for (const child of [above, ...within, below]) {
      if (child === undefined || !isLineIn(from, child, box)) continue;
      seen.add(from).add(child);
    }
  }
  return seen;
}

function isIn({ x, y }: Placed, { left, top, right, bottom }: Box): boolean {
  return x + CARD.width >= left && x <= right && y + CARD.height >= top && y <= bottom;
}

function isLineIn(from: Placed, to: Placed, { top, bottom }: Box): boolean {
  return Math.max(from.y, to.y) + CARD.height >= top && Math.min(from.y, to.y) <= bottom;
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
    // Those that callers name are not read off any message: they come from where they stand first.
    for (const name of [...names, ...node.reads, ...node.derives]) {
      if (!origins.has(name)) origins.set(name, node.id);
    }
  }
  return flows;
}
