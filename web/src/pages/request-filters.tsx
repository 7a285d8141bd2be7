/** What the log is narrowed to: it stands in the address, so that a view can be sent to somebody. */
import { Button, Select, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { OUTCOMES } from '../../../proxy/admin/contract/requests.ts';
import { words } from '../format.ts';

type Field = 'outcome' | 'reason' | 'model' | 'node' | 'project' | 'text';
const REASONS = [
  ...(['exact', 'template', 'no_path', 'no_answer', 'probation', 'ambiguous'] as const),
  ...(['derivation_abstains', 'too_many_candidates', 'over_budget', 'no_store'] as const),
];
const REASON_LIST = REASONS.map((value) => ({ value, label: words(value) }));
const TIMES = [
  { value: '1', label: 'Last hour' },
  { value: '24', label: 'Last day' },
  { value: '168', label: 'Last week' },
];

export interface RequestFilter {
  readonly values: Readonly<Record<Field, string>>;
  /** A number, or nothing: of all times. */
  readonly hours: string;
  readonly isOn: boolean;
  readonly set: (field: Field | 'hours', value: string | null) => void;
  readonly clear: () => void;
}

/** `onChange`: before anything else is shown. */
export function useRequestFilter(onChange: () => void): RequestFilter {
  const [search, setSearch] = useSearchParams();
  const valueOf = (name: Field) => search.get(name) ?? '';
  const values = {
    outcome: valueOf('outcome'),
    reason: valueOf('reason'),
    model: valueOf('model'),
    node: valueOf('node'),
    project: valueOf('project'),
    text: valueOf('text'),
  };
  const hours = search.get('hours') ?? '';
  return {
    values,
    hours,
    isOn: hours !== '' || Object.values(values).some((value) => value !== ''),
    set: (field, value) => {
      onChange();
      const next = new URLSearchParams(search);
      if (value === null || value === '') next.delete(field);
      else next.set(field, value);
      setSearch(next, { replace: true });
    },
    clear: () => {
      onChange();
      setSearch({}, { replace: true });
    },
  };
}

export function RequestFilters({ filter }: { readonly filter: RequestFilter }) {
  const { values, set, clear, isOn } = filter;
  const text = (field: Field, label: string) => (
    <TextFilter
      key={`${field} ${values[field]}`}
      label={label}
      value={values[field]}
      onChange={(value) => {
        set(field, value);
      }}
    />
  );
  return (
    <>
      <search className="filters">
        <Choices filter={filter} />
        {text('model', 'Model')}
        {text('text', 'Text of the path')}
        {text('node', 'Node')}
        {isOn && (
          <Button variant="default" onClick={clear}>
            Clear
          </Button>
        )}
      </search>
      {values.project !== '' && (
        <Text size="sm">
          Of the project <span className="template">{values.project}</span>
        </Text>
      )}
    </>
  );
}

function Choices({ filter }: { readonly filter: RequestFilter }) {
  const { values, hours, set } = filter;
  const lists = [
    { field: 'outcome', label: 'Outcome', data: [...OUTCOMES], value: values.outcome },
    { field: 'reason', label: 'Reason', data: REASON_LIST, value: values.reason },
    { field: 'hours', label: 'Time', data: TIMES, value: hours },
  ] as const;
  return lists.map(({ field, label, data, value }) => (
    <Select
      key={field}
      label={label}
      placeholder="All"
      clearable
      searchable={field === 'reason'}
      data={data}
      value={value || null}
      onChange={(chosen) => {
        set(field, chosen);
      }}
      clearButtonProps={{ 'aria-label': `${label}: all` }}
    />
  ));
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
