import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import { CONFIG_HELP, ConfigError, loadConfig } from './config.ts';

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('loadConfig', () => {
  test('an empty environment gives the defaults, frozen', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      proxyPort: 8787,
      home: path.resolve('.ghee'),
      temporalAddress: '127.0.0.1:7233',
      isTemporalEmbedded: true,
      mongodbUri: 'mongodb://127.0.0.1:27017/?directConnection=true',
      isMongodbEmbedded: true,
      upstreamBaseUrl: 'https://api.openai.com/v1',
      requestBytesMax: 10_485_760,
      secret: undefined,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('an empty value counts as unset', () => {
    expect(loadConfig({ PROXY_PORT: '', MONGODB_URI: ' ' })).toMatchObject({
      proxyPort: 8787,
      isMongodbEmbedded: true,
    });
  });

  test('servers of the user are taken as given', () => {
    const given = { TEMPORAL_ADDRESS: 'temporal.test:7233', MONGODB_URI: 'mongodb+srv://db.test/' };
    expect(loadConfig(given)).toMatchObject({
      temporalAddress: 'temporal.test:7233',
      isTemporalEmbedded: false,
      mongodbUri: 'mongodb+srv://db.test/',
      isMongodbEmbedded: false,
    });
  });

  test('all problems are told at once, each by the name of its variable', () => {
    const problems = problemsOf({
      PROXY_PORT: '99999',
      TEMPORAL_PORT: '8233',
      MONGODB_URI: 'localhost:27017',
      LOG_LEVEL: 'loud',
      UPSTREAM_BASE_URL: 'ftp://x',
      BIND_ADDRESS: 'home',
      REQUEST_BYTES_MAX: '10MB',
      GHEE_SECRET: 'short',
    });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'PROXY_PORT',
      'BIND_ADDRESS',
      'MONGODB_URI',
      'UPSTREAM_BASE_URL',
      'GHEE_SECRET',
      'LOG_LEVEL',
      'REQUEST_BYTES_MAX',
      'TEMPORAL_UI_PORT',
    ]);
    expect(problems.join('\n')).toContain('PROXY_PORT must be a port');
    expect(problems.join('\n')).not.toContain('short');
  });

  test('an admin API that is open to the network needs a token', () => {
    const open = { ADMIN_BIND_ADDRESS: '0.0.0.0' };
    expect(problemsOf(open)).toEqual([expect.stringContaining('GHEE_ADMIN_TOKEN must be set')]);
    expect(problemsOf({ ...open, GHEE_ADMIN_TOKEN: 'short' })).toHaveLength(1);
    const config = loadConfig({
      ...open,
      GHEE_ADMIN_TOKEN: 'a-token-of-sixteen',
      ADMIN_HOSTS: 'ghee.example.com, 10.0.0.7',
    });
    expect(config.adminHosts).toEqual(['ghee.example.com', '10.0.0.7']);
    expect(JSON.stringify(config)).not.toContain('a-token');
    expect(loadConfig({ ADMIN_BIND_ADDRESS: '::1' }).adminToken).toBeUndefined();
  });

  test('nothing is audited and no content logged unless somebody says so', () => {
    expect(loadConfig({})).toMatchObject({ audits: false, logContent: false, auditRate: 0.01 });
    const on = { AUDITS: 'on', LOG_CONTENT: 'on', AUDIT_RATE: '0.25' };
    expect(loadConfig(on)).toMatchObject({ audits: true, logContent: true, auditRate: 0.25 });
    expect(problemsOf({ AUDITS: 'yes', AUDIT_RATE: '1.5' })).toHaveLength(2);
  });

  test('a secret shows in no text', () => {
    const config = loadConfig({ GHEE_SECRET: 'a-very-long-secret' });
    expect(`${JSON.stringify(config)} ${String(config.secret)}`).not.toContain('a-very-long');
    expect(config.secret?.reveal()).toBe('a-very-long-secret');
  });

  test('agents have the model of the inducer, or one of their own', () => {
    const env = {
      INDUCER_MODEL: 'small',
      DERIVER_MODEL: 'large',
      UPSTREAM_BASE_URL: 'http://x/v1/',
    };
    const { inducer } = loadConfig({ ...env, INDUCER_PRICES: '0.25/2', INDUCER_DAILY_USD: '2.5' });
    expect(inducer).toMatchObject({
      mode: 'auto',
      models: { identifier: 'small', namer: 'small', arranger: 'small', deriver: 'large' },
      baseUrl: 'http://x/v1',
      dailyUsd: 2.5,
      prices: { input: 0.25, output: 2 },
    });
    expect(loadConfig({}).inducer.models.deriver).toBeUndefined();
  });

  test('an inducer that is to be a model needs one for each agent', () => {
    expect(
      problemsOf({ INDUCER: 'llm', NAMER_MODEL: 'x' }).map((text) => text.split(' ')[0]),
    ).toEqual([...['IDENTIFIER_MODEL', 'ARRANGER_MODEL', 'DERIVER_MODEL']]);
    expect(problemsOf({ INDUCER: 'llm', INDUCER_MODEL: 'x' })).toEqual([]);
    expect(
      problemsOf({ INDUCER: 'gpt', INDUCER_PRICES: 'cheap', INDUCER_TIMEOUT_MS: '5' }),
    ).toHaveLength(3);
  });

  test('a key of the inducer shows in no text', () => {
    const config = loadConfig({ INDUCER_API_KEY: 'sk-very-secret' });
    expect(JSON.stringify(config)).not.toContain('sk-very');
    expect(config.inducer.apiKey?.reveal()).toBe('sk-very-secret');
  });

  test('the help lists every setting of a person, with its default', () => {
    const names = CONFIG_HELP.map(({ name }) => name);
    expect(names).toContain('STALE_MAX_SECONDS');
    expect(names).not.toContain('WORKFLOW_BUNDLE');
    const defaults = Object.fromEntries(CONFIG_HELP.map((entry) => [entry.name, entry.default]));
    expect(loadConfig(defaults)).toEqual(loadConfig({}));
  });
});
