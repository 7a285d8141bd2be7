/** The first page of an empty cache: what to change in a client, and a miss that becomes a hit before one's eyes. */
import { Button, Group, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { RUN, type Run } from '../../../proxy/admin/contract/requests.ts';
import { TRIED, type Tried } from '../../../proxy/admin/contract/trial.ts';
import { get, send } from '../api.ts';
import { ms, words } from '../format.ts';
import { Code } from '../parts/code.tsx';
import { Failure, Page, Panel } from '../parts/page.tsx';
import { useIsOwner, useRunUrl, useSession } from '../session.ts';

export function StartPage() {
  const session = useSession().data;
  const isOwner = useIsOwner();
  return (
    <Page title="Get started">
      <Text maw={720}>
        Ghee stands between your app and its model. It learns the template behind an answer, proves
        it, and then answers by itself for other values, in about a millisecond.
      </Text>
      <div className="grid-2 grid-start">
        <Panel title="1. See it learn">
          {isOwner ? <Trial /> : <Text size="sm">Only owners may send calls from here.</Text>}
        </Panel>
        <Stack gap="md">
          <Panel title="2. Change two lines in your client">
            <Snippets baseUrl={`${session?.proxyUrl ?? ''}/v1`} />
          </Panel>
          <Panel title="3. Watch it work">
            <Text size="sm" mb="xs">
              Every answer says in its headers where it came from: Butter-Cache is hit, miss or
              bypass, and Butter-Reason says why. A template must predict a fresh answer rightly
              before it serves; who names the values (Butter-Bindings) need not wait.
            </Text>
            <Group gap="md">
              <Link href="/requests">The log of calls</Link>
              <Link href="/tree">The tree of templates</Link>
              <Link href="/?">What it saved</Link>
            </Group>
          </Panel>
        </Stack>
      </div>
    </Page>
  );
}

const SNIPPETS: readonly {
  readonly name: string;
  readonly write: (url: string) => string;
  /** Those that change. */
  readonly lines: readonly number[];
}[] = [
  {
    name: 'curl',
    lines: [0],
    write: (url) =>
      `curl ${url}/chat/completions \\\n  -H "authorization: Bearer $OPENAI_API_KEY" \\\n  -H 'content-type: application/json' \\\n  -d '{"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Say hello to Erik"}]}'`,
  },
  {
    name: 'Node',
    lines: [2, 3],
    write: (url) =>
      `import OpenAI from 'openai';\n\nconst client = new OpenAI({\n  baseURL: '${url}',\n});`,
  },
  {
    name: 'Python',
    lines: [2, 3],
    write: (url) => `from openai import OpenAI\n\nclient = OpenAI(\n    base_url="${url}",\n)`,
  },
  {
    name: 'AI SDK',
    lines: [2, 3],
    write: (url) =>
      `import { createOpenAI } from '@ai-sdk/openai';\n\nconst openai = createOpenAI({ baseURL: '${url}' });\nconst model = openai.chat('gpt-5-mini');`,
  },
];

function Snippets({ baseUrl }: { readonly baseUrl: string }) {
  return (
    <Stack gap="sm">
      <Tabs defaultValue="curl" keepMounted={false}>
        <Tabs.List aria-label="Client">
          {SNIPPETS.map(({ name }) => (
            <Tabs.Tab key={name} value={name}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {SNIPPETS.map(({ name, write, lines }) => (
          <Tabs.Panel key={name} value={name} pt="sm">
            <Code text={write(baseUrl)} label={`${name} client`} marked={lines} />
          </Tabs.Panel>
        ))}
      </Tabs>
      <Text size="sm" c="dimmed">
        Your key goes to your provider untouched. Whatever Ghee is not sure of is forwarded to it,
        byte for byte.
      </Text>
    </Stack>
  );
}

function Trial() {
  const [words, setWords] = useState({ first: 'butter', second: 'honey' });
  const call = (word: string) => send('POST', '/admin/try', TRIED, { word: word.trim() });
  const first = useMutation({ mutationFn: () => call(words.first) });
  const second = useMutation({ mutationFn: () => call(words.second) });
  const run = useRun(first.data);
  const isLearned =
    first.data !== undefined && (run?.state === 'done' || first.data.cache === 'hit');
  return (
    <Stack gap="sm">
      <Text size="sm">
        The model “demo” is built in and needs no key. Send it a call: it is a miss, and Ghee learns
        from it.
      </Text>
      <Ask
        label="A word"
        button="Try it"
        value={words.first}
        onChange={(first) => {
          setWords({ ...words, first });
        }}
        work={first}
      />
      {first.data !== undefined && <Outcome tried={first.data} />}
      {first.data !== undefined && run !== undefined && <Steps run={run} />}
      {isLearned && (
        <>
          <Text size="sm">Now another word. No model has seen this one.</Text>
          <Ask
            label="Another word"
            button="Send it"
            value={words.second}
            onChange={(second) => {
              setWords({ ...words, second });
            }}
            work={second}
          />
        </>
      )}
      {second.data !== undefined && first.data !== undefined && (
        <Result first={first.data} second={second.data} />
      )}
    </Stack>
  );
}

/** What is learned from the first call, while it is being learned. */
function useRun(tried: Tried | undefined): Run | undefined {
  const isMiss = tried?.cache === 'miss';
  return useQuery({
    queryKey: ['run', tried?.requestId],
    queryFn: ({ signal }) =>
      get(`/admin/requests/${encodeURIComponent(tried?.requestId ?? '')}/run`, RUN, signal),
    enabled: isMiss,
    refetchInterval: ({ state }) => (state.data?.state === 'done' ? false : 300),
  }).data;
}

interface Work {
  readonly mutate: () => void;
  readonly isPending: boolean;
  readonly error: Error | null;
}

function Ask(props: {
  readonly label: string;
  readonly button: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly work: Work;
}) {
  const { label, button, value, onChange, work } = props;
  const isWord = /^[A-Za-z]{1,30}$/.test(value.trim());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        work.mutate();
      }}
    >
      <Group align="flex-end" gap="xs">
        <TextInput
          label={label}
          value={value}
          maxLength={30}
          error={isWord ? undefined : 'Letters from A to Z'}
          onChange={(event) => {
            onChange(event.currentTarget.value);
          }}
        />
        <Button type="submit" disabled={!isWord} loading={work.isPending}>
          {button}
        </Button>
      </Group>
      {work.error !== null && <Failure error={work.error} />}
    </form>
  );
}

function Outcome({ tried }: { readonly tried: Tried }) {
  const isHit = tried.cache === 'hit';
  return (
    <div className="template-block" role="status">
      <Group gap="xs" mb={4}>
        <span className={`badge ${isHit ? 'ok' : 'warn'}`}>{tried.cache}</span>
        {tried.reason !== null && <Text size="sm">{words(tried.reason)}</Text>}
        <Text size="sm" c="dimmed">
          {ms(tried.ms)}
        </Text>
      </Group>
      <div className="template">
        <div>→ {tried.question}</div>
        <div>← {tried.answer}</div>
      </div>
    </div>
  );
}

/** What each step of a run is for. */
const STEPS: Readonly<Record<string, string>> = {
  load: 'Looks up what is known of this conversation.',
  bind: 'Puts in the values that the caller named.',
  identify: 'Finds what in the texts is data.',
  name: 'Gives the data names.',
  arrange: 'Finds out which part of the answer comes from where.',
  derive: 'Looks for programs that compute the rest.',
  validate: 'Rebuilds the exchange byte for byte, and asks the evidence.',
  commit: 'Writes the templates into the tree.',
  outcome: 'What came of it.',
};

function Steps({ run }: { readonly run: Run }) {
  const runUrl = useRunUrl();
  const url = run.workflowId === null ? undefined : runUrl(run.workflowId);
  return (
    <div className="template-block steps" role="status" aria-label="What was learned">
      {run.steps.map(({ step, note }, index) => (
        <div key={index} className="step">
          <Text size="sm" className="step-name">
            {step}
          </Text>
          <div>
            <Text size="sm">{STEPS[step] ?? ''}</Text>
            <Text size="xs" c="dimmed">
              {note}
            </Text>
          </div>
        </div>
      ))}
      {run.state !== 'done' && (
        <Text size="sm" c="dimmed">
          Learning …
        </Text>
      )}
      {run.state === 'done' && run.steps.length === 0 && (
        <Text size="sm">Learned: {words(run.outcome ?? 'done')}</Text>
      )}
      {url !== undefined && (
        <a href={url} target="_blank" rel="noreferrer">
          This run in the Temporal UI
        </a>
      )}
    </div>
  );
}

function Result({ first, second }: { readonly first: Tried; readonly second: Tried }) {
  const saved = Math.max(0, first.ms - second.ms);
  const isHit = second.cache === 'hit';
  return (
    <Stack gap="sm">
      <Outcome tried={second} />
      {isHit ? (
        <Text size="sm" fw={600}>
          {first.cache === 'miss'
            ? `A hit: ${ms(saved)} saved, and no model was asked.`
            : 'A hit: no model was asked.'}
        </Text>
      ) : (
        <Text size="sm">
          Not yet: the template reaches the proxy within a second. Send it again.
        </Text>
      )}
      <Group gap="xs">
        <Button
          component={Link}
          href={`/requests/${encodeURIComponent(second.requestId)}`}
          variant="default"
          size="xs"
        >
          Why was that so?
        </Button>
        <Button component={Link} href="/tree" variant="default" size="xs">
          What was learned
        </Button>
      </Group>
    </Stack>
  );
}
