/**
 * JSON log lines on stdout. Callers log ids, codes and counts, never content: what is redacted here
 * is the second line of defence, for a header or a body that slips into a field.
 */
import { destination, pino, type DestinationStream, type Logger } from 'pino';

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

/** A line of its own costs a system call and wakes up whoever reads it: as much as a tenth of a hit. */
const GATHERED_BYTES = 4096;
/** What a crash of the machine may cost: an end of the process, or a fatal line, writes what was gathered. */
const GATHERED_MS = 100;

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
  return pino(settings, options.destination ?? gatheringStdout());
}

function gatheringStdout(): DestinationStream {
  return destination({ sync: false, minLength: GATHERED_BYTES, periodicFlush: GATHERED_MS });
}

/** What may be logged of an error: messages quote what they complain about, frames do not. */
export function describeError(error: unknown): { readonly error: string; readonly at?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? `:${error.code}` : '';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at .*:\d+\)?$/.test(line));
  const at = frames.slice(0, 3).map((line) => line.trim());
  return { error: `${error.name}${code}`, ...(at.length > 0 ? { at: at.join(' ') } : {}) };
}
