/** `POST /admin/try`: a call to the built-in model, through the proxy, for people who have no client yet. */
import { z } from 'zod';
import { TRIAL, type Tried } from './contract/trial.ts';
import type { AdminDeps } from './deps.ts';
import { AdminProblem, parseInput, proxyUnreachable } from './problems.ts';

const PATIENCE_MS = 10_000;
const COMPLETION = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
});

/** The client names what varies, as `Butter-Bindings` do: such a template serves at once. */
export async function tryIt(deps: AdminDeps, body: unknown): Promise<Tried> {
  const { word } = parseInput(TRIAL, body);
  const question = `say ${word} 3 times`;
  const startedAt = performance.now();
  const response = await fetch(`${deps.site.proxyUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'butter-bindings': JSON.stringify({ word }) },
    body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: question }] }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => undefined);
  const json: unknown = await response?.json().catch(() => undefined);
  const ms = Math.round((performance.now() - startedAt) * 10) / 10;
  const completion = COMPLETION.safeParse(json);
  if (response === undefined || !completion.success) throw new AdminProblem(proxyUnreachable());
  const header = (name: string) => response.headers.get(name);
  return {
    requestId: header('x-request-id') ?? '',
    cache: header('butter-cache') ?? '',
    reason: header('butter-reason'),
    node: header('butter-node'),
    question,
    answer: completion.data.choices[0]?.message.content ?? '',
    ms,
  };
}
