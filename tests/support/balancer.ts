/**
 * What a load balancer does, and no more: calls go to the proxies in turn, a connection that is refused goes to the next
 * one. It judges every answer, and every failure by whether the call was on a proxy that was killed under it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecondProxy } from './second-proxy.ts';

export interface Judged {
  /** Right answers, by the reason that the proxy gave for each. */
  readonly right: Map<string, number>;
  readonly wrong: string[];
  /** Failed on a proxy that was killed meanwhile. */
  inFlight: number;
  /** All other failures. */
  readonly failed: string[];
}

/** As many calls as an embedded database keeps up with, on a machine that does other things as well. */
const PAUSE_MS = Number(process.env['GHEE_CHAOS_PAUSE_MS'] ?? '40');

interface Death {
  readonly proxy: SecondProxy;
  readonly at: number;
}

export class Balancer {
  readonly judged: Judged = { right: new Map(), wrong: [], inFlight: 0, failed: [] };
  private readonly proxies: readonly SecondProxy[];
  private readonly answerTo: (question: string) => string;
  private readonly deaths: Death[] = [];
  private turn = 0;

  constructor(proxies: readonly SecondProxy[], answerTo: (question: string) => string) {
    this.proxies = proxies;
    this.answerTo = answerTo;
  }

  /** kill -9 of one, which comes back on the same port. */
  async kill(proxy: SecondProxy): Promise<void> {
    await proxy.kill();
    this.deaths.push({ proxy, at: performance.now() });
    await proxy.resume();
  }

  /** Asks until `until`, over and over. */
  async load(questions: () => string, isOver: () => boolean): Promise<void> {
    for (let count = 0; !isOver(); count++) {
      await this.ask(questions(), count % 2 === 0);
      await sleep(PAUSE_MS);
    }
  }

  private async ask(question: string, stream: boolean): Promise<void> {
    for (let attempt = 0; attempt < this.proxies.length; attempt++) {
      const proxy = this.proxies[this.turn++ % this.proxies.length];
      if (proxy === undefined) return;
      const began = performance.now();
      try {
        const { said, reason } = await askProxy(proxy, question, stream);
        const { right, wrong } = this.judged;
        if (said === this.answerTo(question)) right.set(reason, (right.get(reason) ?? 0) + 1);
        else wrong.push(`${question} (${reason}) → ${said}`);
        return;
      } catch (error) {
        if (codeOf(error) === 'ECONNREFUSED') continue;
        // The death is noted when its end is seen: a moment after it.
        await sleep(200);
        if (this.deaths.some((death) => death.proxy === proxy && death.at >= began))
          this.judged.inFlight++;
        else this.judged.failed.push(`${question}: ${codeOf(error)} ${String(error)}`);
        return;
      }
    }
    this.judged.failed.push(`${question}: no proxy accepts connections`);
  }
}

async function askProxy({ baseUrl }: SecondProxy, question: string, stream: boolean) {
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    // Thousands of runs would say no more than some do.
    headers: { 'content-type': 'application/json', 'butter-disable-induction': 'true' },
    body: JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: question }] }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  const reason = response.headers.get('butter-reason') ?? '';
  return { said: stream ? joined(text) : contentOf(text, 'message'), reason };
}

/** Errors: a stream that does not end as one. */
function joined(text: string): string {
  if (!text.endsWith('data: [DONE]\n\n')) throw new Error('the stream was cut');
  const events = text.split('\n\n').filter((event) => event.startsWith('data: {'));
  return events.map((event) => contentOf(event.slice(6), 'delta')).join('');
}

function contentOf(json: string, part: 'message' | 'delta'): string {
  const { choices } = JSON.parse(json) as {
    choices: Partial<Record<typeof part, { content?: string }>>[];
  };
  return choices[0]?.[part]?.content ?? '';
}

/** By its shape: an error of Node itself is none of the test's realm. */
function codeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code ?? '';
}
