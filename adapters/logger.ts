/**
 * JSON log lines on stdout. Callers log ids, codes and counts, never content: what is redacted here
 * is the second line of defence, for a header or a body that slips into a field.
 */
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

const SECRET_FIELDS = [
  'authorization',
  'proxy-authorization',
  'butter-auth',
  'butter-bindings',
  'api-key',
  'x-api-key',
  'x-goog-api-key',
  'cookie',
  'set-cookie',
  'body',
  'messages',
  'message',
  'content',
  'headers',
];

export interface LoggerOptions {
  readonly level: string;
  /** The process, such as `proxy`. */
  readonly name: string;
  readonly destination?: DestinationStream;
}

export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: { name: options.name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`]),
      censor: '[redacted]',
    },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

/** What may be logged of an error: messages quote what they complain about, frames do not. */
export function describeError(error: unknown): { readonly error: string; readonly at?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? `:${error.code}` : '';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at .*:\d+\)?$/.test(line));
  const at = frames.slice(0, 3).map((line) => line.trim());
  return { error: `${error.name}${code}`, ...(at.length > 0 ? { at: at.join(' ') } : {}) };
}
