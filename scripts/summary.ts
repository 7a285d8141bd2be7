/** What `npm start` says once everything answers: addresses, sources, and the next thing to try. */
import type { Config } from '../adapters/config.ts';
import type { ServerPlan } from './servers/plan.ts';

export interface Servers {
  readonly mongodb?: ServerPlan;
  readonly temporal?: ServerPlan;
}

export function describeReady(config: Config, servers: Servers, seconds: number): string {
  const baseUrl = `http://${hostOf(config.bindAddress)}:${config.proxyPort}/v1`;
  if (config.behaviourLock !== undefined)
    return describeLocked(config.behaviourLock, baseUrl, seconds);
  const adminUrl = `http://${hostOf(config.adminBindAddress)}:${config.adminPort}`;
  const ui = config.isTemporalEmbedded
    ? `http://127.0.0.1:${config.temporalUiPort}`
    : 'the UI of your Temporal server';
  const rows = [
    ['Proxy', baseUrl, `put this in BASE_URL of your app${processesOf(config)}`],
    ['Dashboard', adminUrl, 'what the cache knows; also the admin API, /metrics, /status'],
    ['Temporal UI', ui, ''],
    ['Temporal', config.temporalAddress, servers.temporal?.source ?? ''],
    ['MongoDB', withoutPassword(config.mongodbUri), servers.mongodb?.source ?? ''],
    ['Provider', config.upstreamBaseUrl, 'for every model but "demo"'],
    ['State, logs', config.home, ''],
  ];
  const table = rows.map(
    ([name = '', value = '', note = '']) =>
      `  ${name.padEnd(13)}${value}${note === '' ? '' : `   (${note})`}`,
  );
  const body = '{"model":"demo","messages":[{"role":"user","content":"Say hello to Erik"}]}';
  return [
    '',
    `Ghee is ready after ${seconds.toFixed(1)} s.`,
    '',
    ...table,
    '',
    'Try it (the model "demo" needs no key), twice:',
    '',
    `  curl ${baseUrl}/chat/completions -H 'content-type: application/json' -d '${body}'`,
    '',
    'Ctrl-C stops everything that was started.',
    '',
  ].join('\n');
}

function describeLocked(file: string, baseUrl: string, seconds: number): string {
  return [
    '',
    `Ghee is ready after ${seconds.toFixed(1)} s.`,
    '',
    `  Proxy        ${baseUrl}   (put this in BASE_URL of your app)`,
    `  Answers from ${file} alone: what is not in it is a 504, and no provider is asked.`,
    '',
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}

function processesOf({ proxyProcesses }: Config): string {
  return proxyProcesses === 1 ? '' : `; ${String(proxyProcesses)} processes`;
}

function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, '//***@').replace('/?directConnection=true', '');
}
