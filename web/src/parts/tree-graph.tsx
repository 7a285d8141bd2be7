/** The picture of a tree. The library is given what is near, and draws what is in sight. */
import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconMaximize } from '@tabler/icons-react';
import {
  Background,
  ControlButton,
  Controls,
  getViewportForBounds,
  Handle,
  Position,
  ReactFlow,
  useReactFlow,
  type Edge,
  type Node,
  type NodeProps,
  type ReactFlowInstance,
  type Viewport,
} from '@xyflow/react';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { TreeNodeShown } from '../../../proxy/admin/contract/template.ts';
import {
  boxOf,
  CARD,
  flowsTo,
  GAP,
  inSight,
  layOut,
  type Box,
  type Layout,
  type Placed,
} from './lay-out.ts';
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
/** A small tree is shown as a whole if its cards can be read then. */
const ZOOM_READABLE = 0.7;
/** The first messages stand one step from the left, around the middle. */
const START = { x: 24 - 0.9 * (CARD.width + GAP.x), y: 250, zoom: 0.9 };
const NODE_TYPES = { card: memo(Card) };
/** The library is given what is nearer than so many pixels of the picture, and new things when a tile is crossed. */
const TILE = 1500;

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
  const frame = useElementSize();
  const layout = useMemo(() => layOut(scope, nodes, expanded), [scope, nodes, expanded]);
  const [sight, look] = useSight(frame);
  const near = useMemo(() => inSight(layout, sight), [layout, sight]);
  const [picked, pick] = useState<string>();
  useEffect(() => {
    pick(undefined);
  }, [focus]);
  const marked = picked ?? focus;
  const cards = useMemo<CardNode[]>(
    () =>
      [...near].map(({ node, x, y }) => ({
        id: node.id,
        type: 'card',
        position: { x, y },
        ...CARD,
        data: { node, isOpen: expanded.has(node.id), isFocus: node.id === marked, toggle },
      })),
    [near, expanded, marked, toggle],
  );
  const edges = useMemo(() => edgesOf(near, nodes, marked), [near, nodes, marked]);
  const view = useRef<ReactFlowInstance<CardNode>>(undefined);
  return (
    <div ref={frame.ref} style={{ height: '100%' }}>
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
        // Without it cards would let the pointer through, and so would what is on them.
        onNodeClick={(_event, { id }) => {
          pick(id);
        }}
        onMove={(_event, viewport) => {
          look(viewport);
        }}
        onInit={(flow) => {
          view.current = flow;
          look(flow.getViewport());
        }}
        onKeyDown={(event) => {
          if (view.current !== undefined && moveBy(view.current, event.key)) event.preventDefault();
        }}
      >
        <Background gap={24} />
        <Whole layout={layout} frame={frame} isWanted={isWhole} />
        <Pan spot={focus === undefined ? undefined : layout.byId.get(focus)} />
      </ReactFlow>
    </div>
  );
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The part of the picture that is in sight, with much around it. It stays the same within a tile. */
function useSight({ width, height }: Size): readonly [Box, (viewport: Viewport) => void] {
  const [sight, setSight] = useState<Box>({ left: -TILE, top: -TILE, right: TILE, bottom: TILE });
  const look = useCallback(
    ({ x, y, zoom }: Viewport) => {
      const before = (pixels: number) => (Math.floor(pixels / zoom / TILE) - 1) * TILE;
      const after = (pixels: number) => (Math.ceil(pixels / zoom / TILE) + 1) * TILE;
      const seen = {
        ...{ left: before(-x), right: after(width - x) },
        ...{ top: before(-y), bottom: after(height - y) },
      };
      setSight((known) =>
        known.left === seen.left &&
        known.right === seen.right &&
        known.top === seen.top &&
        known.bottom === seen.bottom
          ? known
          : seen,
      );
    },
    [width, height],
  );
  return [sight, look];
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
  near: ReadonlySet<Placed>,
  nodes: ReadonlyMap<string, TreeNodeShown>,
  focus: string | undefined,
): Edge[] {
  const shown = new Set([...near].map(({ node }) => node.id));
  const lines = [...near].flatMap(({ node }) =>
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
function Pan({ spot }: { readonly spot: Placed | undefined }) {
  const flow = useReactFlow();
  const [x, y] = [spot?.x, spot?.y];
  useEffect(() => {
    if (x === undefined || y === undefined) return;
    // A little to the left, so that what comes before it is seen, too.
    void flow.setCenter(x - GAP.x, y + CARD.height / 2, { zoom: 0.9 });
  }, [flow, x, y]);
  return null;
}

/** The buttons, and what shows all of a small tree whenever more of it is there. */
function Whole(props: {
  readonly layout: Layout;
  readonly frame: Size;
  readonly isWanted: boolean;
}) {
  const { layout, frame, isWanted } = props;
  const { placed } = layout;
  const { width, height } = frame;
  const flow = useReactFlow();
  const fit = useCallback(
    (zoomMin: number) => {
      if (placed.length === 0 || width === 0) return;
      const { left, top, right, bottom } = boxOf(placed);
      const bounds = { x: left, y: top, width: right - left, height: bottom - top };
      const { x, y, zoom } = getViewportForBounds(bounds, width, height, zoomMin, START.zoom, 0.06);
      // What is too wide begins with its first message.
      const isCut = bounds.width * zoom > width;
      void flow.setViewport({ x: isCut ? 24 - left * zoom : x, y, zoom });
    },
    [flow, placed, width, height],
  );
  useEffect(() => {
    if (isWanted) fit(ZOOM_READABLE);
  }, [isWanted, fit]);
  return (
    <Controls showInteractive={false} showFitView={false}>
      <ControlButton
        title="All of it"
        aria-label="All of it"
        onClick={() => {
          fit(ZOOM_MIN);
        }}
      >
        <IconMaximize aria-hidden />
      </ControlButton>
    </Controls>
  );
}

function evidenceOf({ state, confirmations, required }: TreeNodeShown): string {
  if (state === 'probation') return `: ${String(confirmations)} of ${String(required)} confirmed`;
  return confirmations === 0 ? '' : `, ${String(confirmations)} confirmed`;
}

function Card({ data }: NodeProps<CardNode>) {
  const { node, isOpen, isFocus, toggle } = data;
  const text = plain(node.parts);
  const sign = isOpen ? '−' : '+';
  return (
    <div className={`card ${node.state}${isFocus ? ' is-focus' : ''}`} data-node={node.id}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <div className="card-top">
        <Link href={`/nodes/${node.id}`} title={text}>
          {node.role}
        </Link>
        <span>
          {node.state}
          {node.isAnswer && evidenceOf(node)}
        </span>
        {node.derives.map((name) => (
          <span key={name} className={variableClass(name)} title={`computes ${name}`}>
            ƒ
          </span>
        ))}
        {node.children > 0 && (
          <button
            type="button"
            className="nodrag nopan"
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
