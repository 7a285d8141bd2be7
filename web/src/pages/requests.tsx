/** The log, a page at a time: one page is in memory, and only the rows in sight are in the document. */
import { Button, Group, Switch } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { REQUESTS, type RequestRow } from '../../../proxy/admin/contract/requests.ts';
import { get, query } from '../api.ts';
import { ms, usd, whole, words } from '../format.ts';
import { LIVE } from '../live.ts';
import { OutcomeBadge } from '../parts/badges.tsx';
import { Empty, Loaded, Page } from '../parts/page.tsx';
import { Variable } from '../parts/template-view.tsx';
import { When } from '../parts/when.tsx';
import { RequestFilters, useRequestFilter } from './request-filters.tsx';

const PAGE = 200;
const ROW_HEIGHT = 37;

export function RequestsPage() {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [isLive, setIsLive] = useState(true);
  const filter = useRequestFilter(() => {
    setCursors([]);
  });
  const requests = useQuery({
    queryKey: [
      isLive && cursors.length === 0 ? LIVE : 'page',
      ...['requests', filter.values, filter.hours, cursors.at(-1)],
    ],
    queryFn: ({ signal }) => {
      const since = sinceOf(filter.hours);
      const page = { ...filter.values, since, limit: PAGE, cursor: cursors.at(-1) };
      return get(`/admin/requests${query(page)}`, REQUESTS, signal);
    },
    placeholderData: keepPreviousData,
    // Pages that were left are not kept.
    gcTime: 0,
  });
  return (
    <Page
      title="Requests"
      actions={
        <Switch
          label="Live"
          checked={isLive}
          onChange={(event) => {
            setIsLive(event.currentTarget.checked);
          }}
        />
      }
    >
      <RequestFilters filter={filter} />
      <Loaded query={requests}>
        {({ requests: rows, next, isTextCut }) => (
          <>
            {isTextCut === true && (
              <Empty>Many templates have this text: calls of the first 100 are shown.</Empty>
            )}
            <Rows rows={rows} isFiltered={filter.isOn} />
            <Pager cursors={cursors} next={next} rows={rows.length} go={setCursors} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Pager(props: {
  /** Where the pages up to this one begin. */
  readonly cursors: readonly string[];
  readonly next: string | null;
  readonly rows: number;
  readonly go: (cursors: readonly string[]) => void;
}) {
  const { cursors, next, rows, go } = props;
  return (
    <Group justify="space-between">
      <Button
        variant="default"
        disabled={cursors.length === 0}
        onClick={() => {
          go(cursors.slice(0, -1));
        }}
      >
        Newer
      </Button>
      <Empty>
        Page {cursors.length + 1}, {whole(rows)} calls
      </Empty>
      <Button
        variant="default"
        disabled={next === null}
        onClick={() => {
          if (next !== null) go([...cursors, next]);
        }}
      >
        Older
      </Button>
    </Group>
  );
}

/** In whole minutes, so that a page that is drawn again asks the same. */
function sinceOf(hours: string): string | undefined {
  if (!/^\d+$/.test(hours)) return undefined;
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  return new Date(minute - Number(hours) * 3_600_000).toISOString();
}

function Rows(props: { readonly rows: readonly RequestRow[]; readonly isFiltered: boolean }) {
  const { rows, isFiltered } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  if (rows.length === 0) {
    return isFiltered ? (
      <Empty>No call fits these filters.</Empty>
    ) : (
      <Empty>
        No call came yet. <Link href="/start">How to send the first one</Link>
      </Empty>
    );
  }
  return (
    <div
      ref={scroller}
      className="table-wrap"
      style={{ height: 'min(65dvh, 760px)' }}
      tabIndex={0}
      role="region"
      aria-label="Calls"
    >
      <table className="plain" aria-rowcount={rows.length}>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Outcome</th>
            <th scope="col">Reason</th>
            <th scope="col" className="hide-narrow">
              Model
            </th>
            <th scope="col" className="hide-narrow">
              Asked
            </th>
            <th scope="col" className="num hide-narrow">
              Tokens
            </th>
            <th scope="col" className="num hide-narrow">
              Price
            </th>
            <th scope="col" className="num">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Spacer height={before} />}
          {items.map(({ index }) => {
            const row = rows[index];
            return row === undefined ? null : <Row key={index} row={row} index={index} />;
          })}
          {after > 0 && <Spacer height={after} />}
        </tbody>
      </table>
    </div>
  );
}

function Spacer({ height }: { readonly height: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={8} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

/** The newest message, where it may be shown; else the names of what was read off it. */
function Asked({ row }: { readonly row: RequestRow }) {
  if (row.content !== undefined) return <>{lastMessageOf(row.content.messages)}</>;
  return row.variables.map((name, index) => (
    <span key={name}>
      {index > 0 && ' '}
      <Variable name={name} />
    </span>
  ));
}

const SHOWN_CHARACTERS = 200;

function lastMessageOf(json: string): string {
  try {
    const messages = JSON.parse(json) as readonly { readonly content?: unknown }[];
    const content = messages.at(-1)?.content ?? '';
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    return text.slice(0, SHOWN_CHARACTERS);
  } catch {
    return `… ${json.slice(-SHOWN_CHARACTERS)}`; // Cut, so no JSON any more.
  }
}

function Row({ row, index }: { readonly row: RequestRow; readonly index: number }) {
  const { tokens, microUsd } = row;
  return (
    <tr aria-rowindex={index + 2} style={{ height: ROW_HEIGHT }}>
      <td style={{ whiteSpace: 'nowrap' }}>
        <Link href={`/requests/${encodeURIComponent(row.requestId)}`}>
          <When at={row.at} />
        </Link>
      </td>
      <td>
        <OutcomeBadge outcome={row.outcome} />
      </td>
      <td style={{ whiteSpace: 'nowrap' }}>{words(row.reason)}</td>
      <td className="hide-narrow">{row.model ?? '–'}</td>
      <td className="hide-narrow one-line">
        <Asked row={row} />
      </td>
      <td className="num hide-narrow">
        {tokens === undefined ? '–' : whole(tokens.input + tokens.output)}
      </td>
      <td className="num hide-narrow">{microUsd === undefined ? '–' : usd(microUsd / 1e6)}</td>
      <td className="num">{ms(row.ms['total'])}</td>
    </tr>
  );
}
