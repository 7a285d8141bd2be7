/** The log, a page at a time: one page is in memory, and only the rows in sight are in the document. */
import { Button, Group, Select, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { OUTCOMES, REQUESTS, type RequestRow } from '../../../proxy/admin/contract/requests.ts';
import { get, query } from '../api.ts';
import { ms, time, usd, whole, words } from '../format.ts';
import { LIVE } from '../live.ts';
import { OutcomeBadge } from '../parts/badges.tsx';
import { Empty, Loaded, Page } from '../parts/page.tsx';

const PAGE = 200;
const ROW_HEIGHT = 37;
const FIELDS = ['outcome', 'reason', 'model', 'node', 'project', 'text'] as const;
type Field = (typeof FIELDS)[number];
const REASONS = [
  ...(['exact', 'template', 'no_path', 'no_answer', 'probation', 'ambiguous'] as const),
  ...(['derivation_abstains', 'too_many_candidates', 'over_budget', 'no_store'] as const),
];
const TIMES = [
  { value: '1', label: 'Last hour' },
  { value: '24', label: 'Last day' },
  { value: '168', label: 'Last week' },
];

export function RequestsPage() {
  const [search, setSearch] = useSearchParams();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const set = (field: Field | 'hours', value: string | null) => {
    setCursors([]);
    setSearch(
      (current) => {
        const next = new URLSearchParams(current);
        if (value === null || value === '') next.delete(field);
        else next.set(field, value);
        return next;
      },
      { replace: true },
    );
  };
  const filter = Object.fromEntries(FIELDS.map((name) => [name, search.get(name) ?? '']));
  const hours = search.get('hours') ?? '';
  const requests = useQuery({
    queryKey: [cursors.length === 0 ? LIVE : 'page', 'requests', filter, hours, cursors.at(-1)],
    queryFn: ({ signal }) =>
      get(
        `/admin/requests${query({ ...filter, since: sinceOf(hours), limit: PAGE, cursor: cursors.at(-1) })}`,
        REQUESTS,
        signal,
      ),
    placeholderData: keepPreviousData,
    // Pages that were left are not kept.
    gcTime: 0,
  });
  return (
    <Page title="Requests">
      <Filters filter={filter} hours={hours} set={set} />
      <Loaded query={requests}>
        {({ requests: rows, next, isTextCut }) => (
          <>
            {isTextCut === true && (
              <Empty>Many templates have this text: calls of the first 100 are shown.</Empty>
            )}
            <Rows rows={rows} />
            <Group justify="space-between">
              <Button
                variant="default"
                disabled={cursors.length === 0}
                onClick={() => {
                  setCursors(cursors.slice(0, -1));
                }}
              >
                Newer
              </Button>
              <Empty>
                Page {cursors.length + 1}, {whole(rows.length)} calls
              </Empty>
              <Button
                variant="default"
                disabled={next === null}
                onClick={() => {
                  if (next !== null) setCursors([...cursors, next]);
                }}
              >
                Older
              </Button>
            </Group>
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** In whole minutes, so that a page that is drawn again asks the same. */
function sinceOf(hours: string): string | undefined {
  if (!/^\d+$/.test(hours)) return undefined;
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  return new Date(minute - Number(hours) * 3_600_000).toISOString();
}

function Filters(props: {
  readonly filter: Readonly<Record<string, string>>;
  readonly hours: string;
  readonly set: (field: Field | 'hours', value: string | null) => void;
}) {
  const { filter, hours, set } = props;
  return (
    <Group gap="xs" align="flex-end" component="search">
      <Select
        label="Outcome"
        placeholder="All"
        clearable
        w={120}
        data={[...OUTCOMES]}
        value={filter['outcome'] || null}
        onChange={(value) => {
          set('outcome', value);
        }}
        clearButtonProps={{ 'aria-label': 'All outcomes' }}
      />
      <Select
        label="Reason"
        placeholder="All"
        clearable
        searchable
        w={170}
        data={REASONS.map((value) => ({ value, label: words(value) }))}
        value={filter['reason'] || null}
        onChange={(value) => {
          set('reason', value);
        }}
        clearButtonProps={{ 'aria-label': 'All reasons' }}
      />
      <Select
        label="Time"
        placeholder="All"
        clearable
        w={130}
        data={TIMES}
        value={hours || null}
        onChange={(value) => {
          set('hours', value);
        }}
        clearButtonProps={{ 'aria-label': 'All times' }}
      />
      <TextFilter
        label="Model"
        value={filter['model'] ?? ''}
        onChange={(v) => {
          set('model', v);
        }}
      />
      <TextFilter
        label="Text of the path"
        value={filter['text'] ?? ''}
        onChange={(v) => {
          set('text', v);
        }}
      />
      <TextFilter
        label="Node"
        value={filter['node'] ?? ''}
        onChange={(v) => {
          set('node', v);
        }}
      />
    </Group>
  );
}

/** Asks when the person stops typing. */
function TextFilter(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const [typed, setTyped] = useState(props.value);
  const commit = () => {
    if (typed !== props.value) props.onChange(typed);
  };
  return (
    <TextInput
      label={props.label}
      w={150}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
      }}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

function Rows({ rows }: { readonly rows: readonly RequestRow[] }) {
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
  if (rows.length === 0) return <Empty>No call fits.</Empty>;
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
              Variables
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

function Row({ row, index }: { readonly row: RequestRow; readonly index: number }) {
  const { tokens, microUsd } = row;
  return (
    <tr aria-rowindex={index + 2} style={{ height: ROW_HEIGHT }}>
      <td style={{ whiteSpace: 'nowrap' }}>
        <Link href={`/requests/${encodeURIComponent(row.requestId)}`}>{time(row.at)}</Link>
      </td>
      <td>
        <OutcomeBadge outcome={row.outcome} />
      </td>
      <td>{words(row.reason)}</td>
      <td className="hide-narrow">{row.model ?? '–'}</td>
      <td className="hide-narrow">{row.variables.join(', ')}</td>
      <td className="num hide-narrow">
        {tokens === undefined ? '–' : whole(tokens.input + tokens.output)}
      </td>
      <td className="num hide-narrow">{microUsd === undefined ? '–' : usd(microUsd / 1e6)}</td>
      <td className="num">{ms(row.ms['total'])}</td>
    </tr>
  );
}
