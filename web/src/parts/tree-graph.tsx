/** The picture of a tree. Only what is in sight is drawn. */
import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import {
  Background,
  Controls,
  Handle,
  Position,
  ReactFlow,
  useReactFlow,
  type Edge,
  type Node,
  type NodeProps,
  type ReactFlowInstance,
} from '@xyflow/react';
import { memo, useEffect, useMemo, useRef } from 'react';
import { Link } from 'wouter';
import type { TreeNodeShown } from '../../../proxy/admin/contract/template.ts';
import { CARD, flowsTo, GAP, layOut } from './lay-out.ts';
import { Parts, plain, variableClass } from './template-view.tsx';

type CardNode = Node<
  {
    readonly node: TreeNodeShown;
    readonly isOpen: boolean;
    readonly isFocus: boolean;
    readonly toggle: (node: TreeNodeShown) => void;
  },
  'card'
>;

/** Smaller than this, thousands of cards would be in sight, and none could be read. */
const ZOOM_MIN = 0.12;
/** The first messages stand one step from the left, around the middle. */
const START = { x: 24 - 0.9 * (CARD.width + GAP.x), y: 250, zoom: 0.9 };
const NODE_TYPES = { card: memo(Card) };

export interface TreeGraphProps {
  readonly scope: string;
  readonly nodes: ReadonlyMap<string, TreeNodeShown>;
  readonly expanded: ReadonlySet<string>;
  readonly focus: string | undefined;
  readonly toggle: (node: TreeNodeShown) => void;
  /** Small enough to be seen as a whole. */
  readonly isWhole: boolean;
}

export function TreeGraph(props: TreeGraphProps) {
  const { scope, nodes, expanded, focus, toggle, isWhole } = props;
  const placed = useMemo(() => layOut(scope, nodes, expanded), [scope, nodes, expanded]);
  const cards = useMemo<CardNode[]>(
    () =>
      placed.map(({ node, x, y }) => ({
        id: node.id,
        type: 'card',
        position: { x, y },
        ...CARD,
        data: { node, isOpen: expanded.has(node.id), isFocus: node.id === focus, toggle },
      })),
    [placed, expanded, focus, toggle],
  );
  const edges = useMemo(() => edgesOf(placed, nodes, focus), [placed, nodes, focus]);
  const view = useRef<ReactFlowInstance<CardNode>>(undefined);
  return (
    <ReactFlow
      nodes={cards}
      edges={edges}
      nodeTypes={NODE_TYPES}
      defaultViewport={START}
      minZoom={ZOOM_MIN}
      maxZoom={1.6}
      onlyRenderVisibleElements
      colorMode={useComputedColorScheme('light')}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      aria-label="Tree of templates: arrow keys move it, + and − zoom"
      tabIndex={0}
      onInit={(flow) => {
        view.current = flow;
      }}
      onKeyDown={(event) => {
        if (view.current !== undefined && moveBy(view.current, event.key)) event.preventDefault();
      }}
    >
      <Background gap={24} />
      <Controls showInteractive={false} />
      <Pan focus={focus} placed={placed} />
      <FitWhole isWanted={isWhole} count={placed.length} />
    </ReactFlow>
  );
}

/** In pixels of the screen. */
const STEP = 160;
const MOVES: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [STEP, 0],
  ArrowRight: [-STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};

/** Only what is in sight is drawn: who has no pointer brings the rest into sight by key. */
function moveBy(flow: ReactFlowInstance<CardNode>, key: string): boolean {
  const move = MOVES[key];
  if (move !== undefined) {
    const { x, y, zoom } = flow.getViewport();
    void flow.setViewport({ x: x + move[0], y: y + move[1], zoom });
  } else if (key === '+') void flow.zoomIn();
  else if (key === '-') void flow.zoomOut();
  else return false;
  return true;
}

function edgesOf(
  placed: ReturnType<typeof layOut>,
  nodes: ReadonlyMap<string, TreeNodeShown>,
  focus: string | undefined,
): Edge[] {
  const shown = new Set(placed.map(({ node }) => node.id));
  const lines = placed.flatMap(({ node }) =>
    shown.has(node.parent)
      ? [{ id: `e${node.id}`, source: node.parent, target: node.id, type: 'smoothstep' }]
      : [],
  );
  const flows = focus === undefined ? [] : flowsTo(nodes, focus);
  const origins = flows.flatMap(({ from, to, variable }) =>
    shown.has(from) && shown.has(to)
      ? [
          {
            id: `f${from}${to}${variable}`,
            source: from,
            target: to,
            label: variable,
            animated: true,
            zIndex: 10,
            style: { strokeWidth: 2, stroke: 'var(--mantine-primary-color-filled)' },
          },
        ]
      : [],
  );
  return [...lines, ...origins];
}

/** Goes to the node that is asked for. */
function Pan({
  focus,
  placed,
}: {
  readonly focus: string | undefined;
  readonly placed: ReturnType<typeof layOut>;
}) {
  const flow = useReactFlow();
  const spot = placed.find(({ node }) => node.id === focus);
  const [x, y] = [spot?.x, spot?.y];
  useEffect(() => {
    if (x === undefined || y === undefined) return;
    // A little to the left, so that what comes before it is seen, too.
    void flow.setCenter(x - GAP.x, y + CARD.height / 2, { zoom: 0.9 });
  }, [flow, x, y]);
  return null;
}

/** Shows all of a small tree, whenever more of it is there. */
function FitWhole({ isWanted, count }: { readonly isWanted: boolean; readonly count: number }) {
  const flow = useReactFlow();
  useEffect(() => {
    if (isWanted && count > 0) void flow.fitView({ padding: 0.08, maxZoom: START.zoom });
  }, [flow, isWanted, count]);
  return null;
}

function Card({ data }: NodeProps<CardNode>) {
  const { node, isOpen, isFocus, toggle } = data;
  const text = plain(node.parts);
  const sign = isOpen ? '−' : '+';
  return (
    <div className={`card nopan ${node.state}${isFocus ? ' is-focus' : ''}`} data-node={node.id}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <div className="card-top">
        <Link href={`/nodes/${node.id}`} title={text}>
          {node.role}
        </Link>
        <span>
          {node.state}
          {node.isAnswer && node.required > 0
            ? ` ${String(node.confirmations)}/${String(node.required)}`
            : ''}
        </span>
        {node.derives.map((name) => (
          <span key={name} className={variableClass(name)} title={`computes ${name}`}>
            ƒ
          </span>
        ))}
        {node.children > 0 && (
          <button
            type="button"
            className="nodrag"
            aria-expanded={isOpen}
            aria-label={`${isOpen ? 'Hide' : 'Show'} what follows, ${sign} ${String(node.children)}: ${text.slice(0, 60)}`}
            onClick={() => {
              toggle(node);
            }}
          >
            {`${sign} ${String(node.children)}`}
          </button>
        )}
      </div>
      <Parts parts={node.parts} />
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}
