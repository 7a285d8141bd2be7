/** OpenTelemetry as Ghee uses it. Spans hold ids, names of steps, outcomes and codes: never a word of a message. */
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import { LRUCache } from 'lru-cache';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Tracing } from './tracing.ts';
import { WORKFLOW_INTERCEPTORS } from './workflow-interceptors.ts';

/** Observations whose run was not started yet: starts are paced, and what waits longer has no trace. */
const OBSERVATIONS_MAX = 2000;
const EXPORT_MS = 5000;
/** A process that ends does not wait longer for a collector that is away. */
const CLOSE_MS = 1000;
const CHAT = /(?:^|\/)chat\/completions$/;

export function createTracing(endpoint: string, service: string): Tracing {
  const told = detectResourcesSync({ detectors: [envDetectorSync] });
  const resource = new Resource({ 'service.name': service, ...told.attributes });
  const processor = new BatchSpanProcessor(
    new OTLPTraceExporter({
      url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
      timeoutMillis: EXPORT_MS,
    }),
  );
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  provider.register({
    contextManager: new AsyncLocalStorageContextManager(),
    propagator: new W3CTraceContextPropagator(),
  });
  const spans = new WeakMap<ServerResponse, Span>();
  const calls = new LRUCache<string, Context>({ max: OBSERVATIONS_MAX });
  return {
    traced: (listener) => traced(listener, spans),
    tell: (res, attributes) => spans.get(res)?.setAttributes(attributes),
    observed: (observation) => void calls.set(observation, context.active()),
    within: (observation, work) => {
      const call = calls.get(observation);
      calls.delete(observation);
      return call === undefined ? work() : context.with(call, work);
    },
    clientInterceptors: [new OpenTelemetryWorkflowClientInterceptor()],
    worker: {
      activity: (activity) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(activity) }),
      workflowModules: [WORKFLOW_INTERCEPTORS],
      sinks: { exporter: makeWorkflowExporter(processor, resource) },
    },
    close: async () => {
      const late = new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

function traced(listener: RequestListener, spans: WeakMap<ServerResponse, Span>): RequestListener {
  const tracer = trace.getTracer('ghee');
  return (req, res) => {
    const parent = propagation.extract(context.active(), req.headers);
    const span = tracer.startSpan(nameOf(req), { kind: SpanKind.SERVER }, parent);
    spans.set(res, span);
    res.once('close', () => {
      span.setAttribute('http.response.status_code', res.statusCode);
      if (!res.writableFinished) span.setAttribute('ghee.aborted', true);
      if (res.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      // Others hear of it after us, and may still tell something.
      queueMicrotask(() => span.end());
    });
    context.with(trace.setSpan(parent, span), () => {
      listener(req, res);
    });
  };
}

/** Paths other than ours may hold names that people gave. */
function nameOf({ method = '', url = '' }: IncomingMessage): string {
  const [path = ''] = url.split('?', 1);
  return `${method} ${CHAT.test(path) ? 'chat/completions' : 'other'}`;
}
