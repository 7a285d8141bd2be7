/** Dockerfile and compose.yaml, as far as they can be judged without Docker: linters, schema, and what they name. */
import { describe, expect, test } from '@jest/globals';
import { validate } from 'dockerfile-utils';
import { execa } from 'execa';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '../adapters/config.ts';
import { SETTINGS } from '../adapters/settings.ts';
import { ROOT } from './servers/tools.ts';

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}
const compose = parse(read('compose.yaml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};

describe('Dockerfile', () => {
  const text = read('Dockerfile');

  test('a linter has nothing to say of it', () => {
    expect(validate(text)).toEqual([]);
    expect(validate('FROM a AS b\nRUM x').length).toBeGreaterThan(0);
  });

  test('the files that it runs are there, and will be in the image', () => {
    const files = [...text.matchAll(/(?:scripts|workflows|proxy|activities)\/[\w/-]+\.ts/g)];
    expect(files.length).toBeGreaterThan(2);
    for (const [file] of files) expect(existsSync(path.join(ROOT, file))).toBe(true);
    const ignored = read('.dockerignore').split('\n');
    for (const folder of ['adapters', 'core', 'proxy', 'scripts', 'web', 'workflows']) {
      expect(ignored).not.toContain(folder);
    }
  });

  test('what it sets are settings', () => {
    const [, block = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(text) ?? [];
    const names = [...block.matchAll(/([A-Z_]+)=/g)].map(([, name]) => name);
    expect(names).toContain('GHEE_HOME');
    for (const name of names) expect(['NODE_ENV', ...Object.keys(SETTINGS)]).toContain(name);
  });
});

describe('compose.yaml', () => {
  test('it follows the schema of compose files', async () => {
    const dclint = path.join(ROOT, 'node_modules', 'dclint', 'bin', 'dclint.cjs');
    const { stdout, exitCode } = await execa(
      process.execPath,
      [dclint, '--quiet', '--formatter', 'json', path.join(ROOT, 'compose.yaml')],
      { reject: false },
    );
    expect({ stdout, exitCode }).toMatchObject({ exitCode: 0 });
  });

  test('each of our services starts with what it is given', () => {
    const ours = Object.entries(compose.services).filter(([name]) => /^(proxy|worker)/.test(name));
    expect(ours.map(([name]) => name)).toEqual(['proxy-1', 'proxy-2', 'worker']);
    for (const [, { environment = {}, command }] of ours) {
      const given = Object.entries(environment).map(([name, value]): [string, string] => {
        expect(Object.keys(SETTINGS)).toContain(name);
        return [name, value.replace(/\$\{\w+:-(.*)\}/, '$1').replace(/\$\{.*\}/, 'x'.repeat(64))];
      });
      const open = { BIND_ADDRESS: '0.0.0.0', ADMIN_BIND_ADDRESS: '0.0.0.0' };
      expect(loadConfig({ ...open, ...Object.fromEntries(given) })).toMatchObject({
        isMongodbEmbedded: false,
        isTemporalEmbedded: false,
      });
      if (command !== undefined)
        expect(existsSync(path.join(ROOT, command.at(-1) ?? ''))).toBe(true);
    }
  });
});
