/** `ghee demo`: the README's tour, with what happens and why, on the Ghee that runs here. */
import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { RUN } from '../../proxy/admin/contract/requests.ts';
import { SESSION } from '../../proxy/admin/contract/session.ts';
import { Problem } from '../problem.ts';
import { AdminClient, withAdminOptions, type AdminOptions } from './admin-client.ts';

interface Stop {
  readonly say: string;
  readonly ask: string;
  readonly bindings?: Readonly<Record<string, string>>;
}

const TOUR: readonly Stop[] = [
  {
    say: 'A first call. Nothing is known, so the model answers; Ghee keeps the exchange and learns from it.',
    ask: 'Say hello to Erik',
  },
  { say: 'The very same call again: an exact hit.', ask: 'Say hello to Erik' },
  {
    say: 'Another name. The template that was learned predicts the answer, and the model confirms it.',
    ask: 'Say hello to Ann',
  },
  {
    say: 'A third name. The template has proved itself: a hit that no model has ever seen.',
    ask: 'Say hello to Grace',
  },
  {
    say: 'Who names the values (Butter-Bindings) need not wait for a proof. First a miss …',
    ask: 'say butter 3 times',
    bindings: { word: 'butter' },
  },
  { say: '… then a hit at once.', ask: 'say honey 3 times', bindings: { word: 'honey' } },
];

/** A run takes a fraction of a second; a machine may be busy. */
const LEARN_MS = 20_000;
const POLL_MS = 100;
/** What a run learned reaches the proxy by a stream. */
const MIRROR_MS = 1000;

interface Step {
  readonly question: string;
  readonly answer: string;
  readonly cache: string;
  readonly reason: string | null;
  readonly ms: number;
  readonly requestId: string;
}

export function addDemoCommand(program: Command): void {
  withAdminOptions(
    program.command('demo').description('play the tour: a miss becomes a hit, with explanations'),
  ).action(runDemo);
}

async function runDemo(options: AdminOptions): Promise<void> {
  const admin = new AdminClient(options);
  const { proxyUrl } = await admin.get('/admin/session', SESSION);
  const say = (line: string): void => {
    if (options.json !== true) console.log(line);
  };
  const steps: Step[] = [];
  for (const stop of TOUR) {
    say(`\n${stop.say}`);
    const step = await ask(proxyUrl, stop);
    steps.push(step);
    say(`  → ${step.question}\n  ← ${step.answer}`);
    say(
      `  ${step.cache}${step.reason === null ? '' : ` (${step.reason})`}, ${step.ms.toFixed(1)} ms`,
    );
    if (steps.length === 1 && step.cache === 'hit') {
      say('  The tour was played here before: what was a miss then is a hit now.');
    }
    if (step.cache === 'miss') await learned(admin, step.requestId, say);
  }
  if (options.json === true) console.log(JSON.stringify({ steps }));
  else
    console.log(
      '\nWhat it knows now: `npx ghee tree`, or the dashboard. Played twice, most calls are hits.',
    );
}

async function ask(proxyUrl: string, { ask: question, bindings }: Stop): Promise<Step> {
  const startedAt = performance.now();
  const response = await fetch(`${proxyUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(bindings === undefined ? {} : { 'butter-bindings': JSON.stringify(bindings) }),
    },
    body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: question }] }),
  }).catch((error: unknown) => {
    throw new Problem(`The proxy at ${proxyUrl} does not answer.`, { cause: error });
  });
  const body = (await response.json()) as {
    choices?: { message: { content: string } }[];
    error?: { message: string };
  };
  const ms = performance.now() - startedAt;
  if (!response.ok) {
    throw new Problem(`The proxy refused: ${body.error?.message ?? String(response.status)}`);
  }
  const header = (name: string) => response.headers.get(name);
  return {
    question,
    answer: body.choices?.[0]?.message.content ?? '',
    cache: header('butter-cache') ?? '',
    reason: header('butter-reason'),
    ms,
    requestId: header('x-request-id') ?? '',
  };
}

/** Waits until the call was learned from. */
async function learned(
  admin: AdminClient,
  requestId: string,
  say: (line: string) => void,
): Promise<void> {
  const path = `/admin/requests/${encodeURIComponent(requestId)}/run`;
  const until = Date.now() + LEARN_MS;
  for (;;) {
    const run = await admin.get(path, RUN);
    if (run.state === 'done') {
      const steps = run.steps.map(({ step, note }) => `    ${step}: ${note}`);
      say(`  learned: ${run.outcome ?? ''}${steps.length === 0 ? '' : `\n${steps.join('\n')}`}`);
      break;
    }
    if (Date.now() > until) {
      say('  It is still being learned from: is the worker running? (`npx ghee status`)');
      return;
    }
    await sleep(POLL_MS);
  }
  await sleep(MIRROR_MS);
}
