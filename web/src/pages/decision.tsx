/** One call and why it was answered as it was; where somebody says that the answer was wrong. */
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link, useParams } from 'wouter';
import {
  DECISION,
  FEEDBACK_GIVEN,
  RUN,
  type Decision,
} from '../../../proxy/admin/contract/requests.ts';
import { get, send } from '../api.ts';
import { fullTime, ms, usd, words } from '../format.ts';
import { LIVE } from '../live.ts';
import { OutcomeBadge, StateBadge } from '../parts/badges.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { CopiedId } from '../parts/copied-id.tsx';
import { Empty, Loaded, Page, Panel } from '../parts/page.tsx';
import { Leaves, Variable } from '../parts/template-view.tsx';
import { When } from '../parts/when.tsx';
import { useIsOwner, useRunUrl } from '../session.ts';
import { Why } from './decision-why.tsx';

export function DecisionPage() {
  const { id } = useParams<{ id: string }>();
  const decision = useQuery({
    queryKey: [LIVE, 'decision', id],
    queryFn: ({ signal }) => get(`/admin/decisions/${encodeURIComponent(id)}`, DECISION, signal),
  });
  return (
    <Page title="Decision" actions={<Link href="/requests">All requests</Link>}>
      <Loaded query={decision}>{(data) => <Details decision={data} />}</Loaded>
    </Page>
  );
}

function Details({ decision }: { readonly decision: Decision }) {
  const { request, path, explanation, computed } = decision;
  return (
    <Stack gap="md">
      <Summary decision={decision} />
      {explanation !== undefined && <Why explanation={explanation} />}
      {path !== undefined && path.length > 0 && (
        <Path path={path} values={request.content?.values} computed={computed} />
      )}
      {computed !== undefined && computed.length > 0 && <Computed computed={computed} />}
      {request.content !== undefined && <Content content={request.content} />}
      {decision.answer != null && (
        <Panel title="Exact answer">
          <Text size="sm">
            This very conversation was answered before, <When at={decision.answer.recordedAt} />.
          </Text>
        </Panel>
      )}
      {request.content === undefined && (
        <Empty>
          Messages, values and templates of a call are shown only where LOG_CONTENT is on.
        </Empty>
      )}
      {request.outcome === 'miss' && <Learned requestId={request.requestId} />}
    </Stack>
  );
}

function Summary({ decision }: { readonly decision: Decision }) {
  const { request, feedback } = decision;
  const isOwner = useIsOwner();
  const rows: [string, ReactNode][] = [
    ['Time', fullTime(request.at)],
    ['Model', request.model ?? '–'],
    ['Project', request.project ?? '–'],
    ['Status', `${String(request.status ?? '–')}${request.isAborted ? ', the client left' : ''}`],
    [
      'Tokens',
      request.tokens === undefined
        ? '–'
        : `${String(request.tokens.input)} in, ${String(request.tokens.output)} out`,
    ],
    ['Price', request.microUsd === undefined ? 'unknown' : usd(request.microUsd / 1e6)],
    [
      'Took',
      Object.entries(request.ms)
        .map(([name, value]) => `${words(name)} ${ms(value)}`)
        .join(', '),
    ],
    ['Id', <CopiedId key="id" id={request.requestId} label="id of the call" />],
  ];
  return (
    <Panel title="The call">
      <Group gap="xs" mb="sm">
        <OutcomeBadge outcome={request.outcome} />
        <Text fw={600}>{words(request.reason)}</Text>
        {feedback != null && <span className="badge bad">called wrong: {feedback.effect}</span>}
      </Group>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <Text component="dt" size="sm" c="dimmed">
              {name}
            </Text>
            <Text component="dd" size="sm" m={0}>
              {value}
            </Text>
          </div>
        ))}
      </dl>
      {isOwner && feedback == null && (request.outcome === 'hit' || request.outcome === 'miss') && (
        <Wrong requestId={request.requestId} />
      )}
    </Panel>
  );
}

/** The one button that takes something back: it says what will happen, and asks. */
function Wrong({ requestId }: { readonly requestId: string }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const [correct, setCorrect] = useState('');
  const client = useQueryClient();
  const feedback = useMutation({
    mutationFn: () =>
      send('POST', '/admin/feedback', FEEDBACK_GIVEN, {
        requestId,
        verdict: 'wrong',
        ...(correct.trim() === '' ? {} : { correct }),
      }),
    onSuccess: async () => {
      close();
      await client.invalidateQueries();
    },
  });
  return (
    <>
      <Button mt="md" color="red.9" variant="filled" onClick={open}>
        This answer was wrong
      </Button>
      <Confirm
        isOpen={isOpen}
        title="This answer was wrong"
        verb="Take it back"
        work={feedback}
        onConfirm={() => {
          feedback.mutate();
        }}
        onClose={close}
      >
        <Text size="sm">
          Whatever gave it stops giving it: a template is quarantined, an exact answer removed. The
          next call is forwarded.
        </Text>
        <Textarea
          label="The right answer, if you know it"
          description="It is served to this very conversation from now on."
          value={correct}
          autosize
          minRows={2}
          maxRows={8}
          onChange={(event) => {
            setCorrect(event.currentTarget.value);
          }}
        />
      </Confirm>
    </>
  );
}

function Path(props: {
  readonly path: NonNullable<Decision['path']>;
  readonly values: readonly (readonly [string, string])[] | undefined;
  /** Derivations that have a place of their own, with what went in and came out. */
  readonly computed: Decision['computed'];
}) {
  const { path, values = [], computed = [] } = props;
  const isToldBelow = (node: string, name: string) =>
    computed.some((one) => one.node === node && one.name === name);
  return (
    <Panel title="Path">
      <Stack gap="sm">
        {values.length > 0 && <Bindings values={values} />}
        {path.map((node) => (
          <div key={node.id}>
            <Group gap="xs" mb={4}>
              <Text size="sm" fw={600} component={Link} href={`/nodes/${node.id}`}>
                {node.role}
              </Text>
              <StateBadge state={node.state} />
            </Group>
            {node.leaves !== undefined && <Leaves leaves={node.leaves} />}
            {node.derivations
              .filter(({ name }) => !isToldBelow(node.id, name))
              .map((derivation) => (
                <Text key={derivation.name} size="sm" mt={4}>
                  <Variable name={derivation.name} /> is{' '}
                  <span className="template">
                    {'programs' in derivation
                      ? derivation.programs.join(' or ')
                      : derivation.javascript}
                  </span>
                </Text>
              ))}
          </div>
        ))}
      </Stack>
    </Panel>
  );
}

/** What each variable of the path stood for in this call. */
function Bindings({ values }: { readonly values: readonly (readonly [string, string])[] }) {
  return (
    <dl className="bindings" aria-label="Bindings">
      {values.map(([name, value]) => (
        <Value key={name} name={name} value={value} />
      ))}
    </dl>
  );
}

function Value(props: { readonly name: string; readonly value: string; readonly said?: string }) {
  return (
    <div>
      <dt>
        {props.said} <Variable name={props.name} />
      </dt>
      <dd className="template">{props.value}</dd>
    </div>
  );
}

function Computed({ computed }: { readonly computed: NonNullable<Decision['computed']> }) {
  return (
    <Panel title="Derivations">
      <Stack gap="md">
        {computed.map(({ name, node, inputs, program, output }) => (
          <div key={`${node}/${name}`}>
            <dl className="bindings">
              <Value name={name} value={output} />
              {inputs.map(([input, value]) => (
                <Value key={input} name={input} value={value} said="from" />
              ))}
            </dl>
            <div
              className="template template-block"
              style={{ marginTop: 6 }}
              tabIndex={0}
              role="region"
              aria-label={`How ${name} is computed`}
            >
              {program}
            </div>
          </div>
        ))}
      </Stack>
    </Panel>
  );
}

function Content({ content }: { readonly content: NonNullable<Decision['request']['content']> }) {
  return (
    <Panel title="What was said">
      <Stack gap="sm">
        <Block label="Messages" text={content.messages} />
        {content.answer !== undefined && <Block label="Answer" text={content.answer} />}
      </Stack>
    </Panel>
  );
}

export function Block({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div>
      <Text size="sm" c="dimmed" mb={4}>
        {label}
      </Text>
      <div className="template template-block" tabIndex={0} role="region" aria-label={label}>
        {pretty(text)}
      </div>
    </div>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // Cut, so no JSON any more.
  }
}

const LEARNED: Readonly<Record<string, string>> = {
  committed: 'Templates were added to the tree.',
  confirmed: 'It confirmed what a template had predicted.',
  'exact-only': 'Nothing general: this very conversation is answered from now on, and no other.',
};

function saidOf(outcome: string): string {
  return LEARNED[outcome] ?? `Done: ${words(outcome)}`;
}

function Learned({ requestId }: { readonly requestId: string }) {
  const runUrl = useRunUrl();
  const run = useQuery({
    queryKey: [LIVE, 'run', requestId],
    queryFn: ({ signal }) =>
      get(`/admin/requests/${encodeURIComponent(requestId)}/run`, RUN, signal),
  }).data;
  if (run === undefined || run.state === 'none') return null;
  const url = run.workflowId === null ? undefined : runUrl(run.workflowId);
  return (
    <Panel title="What was learned from it">
      <Text size="sm">
        {run.state === 'done' ? saidOf(run.outcome ?? '') : 'It is being learned from.'}
      </Text>
      {run.steps.map(({ step, note }, index) => (
        <div key={index} className="step">
          <Text size="sm" className="step-name">
            {step}
          </Text>
          <Text size="sm">{note}</Text>
        </div>
      ))}
      {url !== undefined && (
        <a href={url} target="_blank" rel="noreferrer">
          This run in the Temporal UI
        </a>
      )}
    </Panel>
  );
}
