/** One trace from a client's call over its run to the activities, at a collector that is a plain HTTP server. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { until } from '../support/until.ts';
import { RunningGhee } from '../support/ghee.ts';

const SPAN = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
});
const EXPORT = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: SPAN.shape.attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(SPAN) })),
    }),
  ),
});
type Span = z.infer<typeof SPAN> & { readonly service: unknown };

const CANARY = 'Zanzibarovich';
/** As instrumented clients send it: version, trace, span, sampled. */
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;

const spans: Span[] = [];
const bodies: string[] = [];
let collector: Server;
let ghee: RunningGhee;

beforeAll(async () => {
  collector = createServer((req, res) => {
    void json(req).then((body) => {
      bodies.push(JSON.stringify(body));
      for (const { resource, scopeSpans } of EXPORT.parse(body).resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === 'service.name')?.value;
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
          spans.push({ ...span, service: service?.['stringValue'] });
        }
      }
      res.writeHead(req.url === '/v1/traces' ? 200 : 404).end('{}');
    });
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  ghee = await RunningGhee.start({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String(port)}`,
    OTEL_BSP_SCHEDULE_DELAY: '200',
  });
}, 240_000);

afterAll(async () => {
  await ghee.stop();
  collector.close();
  collector.closeAllConnections();
});

async function ask(content: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${ghee.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', authorization: `Bearer sk-${CANARY}` },
      ...headers,
    },
    body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content }] }),
  });
  await response.text();
  return response.headers;
}

const named = (name: string) => spans.find((span) => span.name === name && span.traceId === TRACE);

test('a call, the start of its run, the run and its activities are one trace', async () => {
  const headers = await ask(`say ${CANARY} 3 times`, { traceparent: TRACEPARENT });
  await ghee.settle();
  await until('the run is in the trace', () => named('RunWorkflow:induce') !== undefined, 60_000);
  const call = named('POST chat/completions');
  const start = named('StartWorkflow:induce');
  const run = named('RunWorkflow:induce');
  const steps = spans.filter(
    ({ name, traceId }) => name.startsWith('RunActivity:') && traceId === TRACE,
  );
  expect(call).toMatchObject({ service: 'ghee-proxy', parentSpanId: 'b7ad6b7169203331' });
  expect(start).toMatchObject({ service: 'ghee-proxy', parentSpanId: call?.spanId });
  expect(run).toMatchObject({ service: 'ghee-worker', parentSpanId: start?.spanId });
  expect(steps.map(({ name }) => name)).toContain('RunActivity:commit');
  const ofTrace = new Set(spans.map(({ spanId }) => spanId));
  for (const { parentSpanId } of steps) expect(ofTrace).toContain(parentSpanId);
  expect(call?.attributes).toContainEqual({
    key: 'ghee.request_id',
    value: { stringValue: headers.get('x-request-id') },
  });
});

test('a hit is a span that says so', async () => {
  const headers = await ask(`say ${CANARY} 3 times`);
  expect(headers.get('butter-cache')).toBe('hit');
  const isHit = (span: Span) =>
    span.attributes.some(
      ({ key, value }) => key === 'ghee.cache' && value['stringValue'] === 'hit',
    );
  await until('the hit is told', () => spans.some(isHit), 30_000);
});

test('no span holds what messages or headers say', () => {
  expect(bodies.length).toBeGreaterThan(0);
  expect(bodies.filter((body) => body.includes(CANARY))).toEqual([]);
});
