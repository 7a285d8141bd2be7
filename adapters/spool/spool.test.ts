import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSpool, SpoolError, type LockedFile, type Spool, type SpoolOptions } from './spool.ts';

/** Larger than any process id that is given out. */
const DEAD_PID = 4_194_305;

let directory: string;
let torn: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ghee-spool-'));
  torn = [];
});

afterEach(() => rmSync(directory, { recursive: true }));

function open(more: Partial<SpoolOptions> = {}): Promise<Spool> {
  return openSpool({
    directory,
    bytesMax: 1_000_000,
    pid: process.pid,
    now: () => Date.now(),
    onTorn: (file, bytes) => torn.push(`${file} ${bytes}`),
    ...more,
  });
}

async function drained(spool: Spool): Promise<unknown[]> {
  const entries: unknown[] = [];
  await spool.drain((batch) => {
    entries.push(...batch);
    return Promise.resolve(0);
  });
  return entries;
}

/** As a process that has this key drains: it writes only what is sealed with it. */
async function drainedWith(key: string, spool: Spool): Promise<unknown[]> {
  const opened: unknown[] = [];
  await spool.drain((batch) => {
    const own = batch.filter((entry) => (entry as { key: string }).key === key);
    opened.push(...own);
    return Promise.resolve(batch.length - own.length);
  });
  return opened;
}

test('what is appended is replayed once, in order, and then gone', async () => {
  const spool = await open();
  const entries = Array.from({ length: 450 }, (_, n) => ({ n, text: '\u2028\r\n"\u0000 😀' }));
  await Promise.all(entries.map((entry) => spool.append(entry)));
  expect(readdirSync(directory)).toHaveLength(1);
  expect(spool.bytes()).toBe(statSync(join(directory, readdirSync(directory)[0] ?? '')).size);
  expect(await drained(spool)).toEqual(entries);
  expect(await drained(spool)).toEqual([]);
  expect([readdirSync(directory), spool.bytes()]).toEqual([[], 0]);
});

test('a torn last line is left out and reported; what was acknowledged is replayed', async () => {
  const whole = `${JSON.stringify({ n: 1 })}\n${JSON.stringify({ n: 2 })}\n`;
  writeFileSync(join(directory, `${DEAD_PID}-5.jsonl`), `${whole}{"n":3,"text":"tor`);
  writeFileSync(join(directory, `${DEAD_PID}-4.jsonl`), '{"n":0}\n');
  writeFileSync(join(directory, 'notes.txt'), 'not ours');
  const spool = await open();
  expect(spool.bytes()).toBe(whole.length + 18 + 8);
  expect(await drained(spool)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
  expect(torn).toEqual([`${DEAD_PID}-5.jsonl 18`]);
  expect(readdirSync(directory)).toEqual(['notes.txt']);
});

test('files of living processes stay; one with a reused process id does not', async () => {
  // The parent lives, and began long before a file of now, and long after one of 1970.
  writeFileSync(join(directory, `${process.ppid}-${Date.now()}.jsonl`), '{"n":1}\n');
  writeFileSync(join(directory, `${process.pid}-5.jsonl`), '{"n":2}\n');
  const isLinux = process.platform === 'linux';
  if (isLinux) writeFileSync(join(directory, `${process.ppid}-5.jsonl`), '{"n":3}\n');
  const spool = await open();
  expect(await drained(spool)).toEqual(isLinux ? [{ n: 2 }, { n: 3 }].toReversed() : [{ n: 2 }]);
  expect(readdirSync(directory)).toHaveLength(1);
});

test('over the bound it is full, until it was drained', async () => {
  const spool = await open({ bytesMax: 100 });
  await spool.append({ text: 'x'.repeat(60) });
  const refused = spool.append({ text: 'y'.repeat(60) });
  await expect(refused).rejects.toThrow(SpoolError);
  await expect(refused).rejects.toMatchObject({ code: 'spool_full' });
  expect(await drained(spool)).toHaveLength(1);
  await spool.append({ text: 'y'.repeat(60) });
  expect(await drained(spool)).toHaveLength(1);
});

test('what could not be written stays for the next time', async () => {
  const spool = await open();
  await spool.append({ n: 1 });
  await expect(spool.drain(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
  await spool.append({ n: 2 });
  expect(await drained(spool)).toEqual([{ n: 1 }, { n: 2 }]);
});

test('what another key sealed stays, in the way of nothing, until a process has that key', async () => {
  const former = `${DEAD_PID}-4.jsonl`;
  const text = `{"key":"former","n":1}\n{"key":"former","n":2}\n`;
  writeFileSync(join(directory, former), text);
  writeFileSync(join(directory, `${DEAD_PID}-5.jsonl`), '{"key":"own","n":3}\n');
  const told: LockedFile[] = [];
  const locked = { file: former, entries: 2, bytes: text.length };
  const spool = await open({ onLocked: (file) => told.push(file) });
  expect(await drainedWith('own', spool)).toEqual([{ key: 'own', n: 3 }]);
  expect(readdirSync(directory)).toEqual([former]);
  expect(readFileSync(join(directory, former), 'utf8')).toBe(text);
  expect([spool.bytes(), spool.locked()]).toEqual([text.length, [locked]]);

  // It is not read again, nor told again.
  await spool.append({ key: 'own', n: 4 });
  expect(await drained(spool)).toEqual([{ key: 'own', n: 4 }]);
  expect(told).toEqual([locked]);

  const next = await open();
  expect(next.bytes()).toBe(text.length);
  expect((await drainedWith('former', next)).map((entry) => (entry as { n: number }).n)).toEqual([
    1, 2,
  ]);
  expect(readdirSync(directory)).toEqual([]);
  await drained(spool);
  expect([spool.bytes(), spool.locked()]).toEqual([0, []]);
});

test('entries beside a locked one are written, and their file stays', async () => {
  const file = join(directory, `${DEAD_PID}-4.jsonl`);
  writeFileSync(file, '{"key":"own"}\n{"key":"former"}\n{"key":"own"}\n');
  const spool = await open();
  expect(await drainedWith('own', spool)).toHaveLength(2);
  expect(spool.locked()).toMatchObject([{ entries: 1 }]);
  expect(await drained(await open())).toHaveLength(3);
});

test('locked files count to the bound, until one deletes them', async () => {
  writeFileSync(join(directory, `${DEAD_PID}-4.jsonl`), `{"key":"${'x'.repeat(60)}"}\n`);
  const spool = await open({ bytesMax: 100 });
  expect(await drainedWith('own', spool)).toEqual([]);
  await expect(spool.append({ text: 'y'.repeat(60) })).rejects.toMatchObject({
    code: 'spool_full',
  });
  rmSync(join(directory, `${DEAD_PID}-4.jsonl`));
  await drained(spool);
  await spool.append({ text: 'y'.repeat(60) });
  await spool.close();
});

test('a locked file stays where what comes after it cannot be written', async () => {
  writeFileSync(join(directory, `${DEAD_PID}-4.jsonl`), '{"key":"former"}\n');
  const spool = await open();
  await spool.append({ key: 'own' });
  const locking = (batch: readonly unknown[]): Promise<number> =>
    (batch[0] as { key: string }).key === 'own'
      ? Promise.reject(new Error('down'))
      : Promise.resolve(batch.length);
  await expect(spool.drain(locking)).rejects.toThrow('down');
  expect(await drainedWith('own', spool)).toEqual([{ key: 'own' }]);
  expect(readdirSync(directory)).toEqual([`${DEAD_PID}-4.jsonl`]);
});

test('a file that another process drained first stands in the way of no other', async () => {
  writeFileSync(join(directory, `${DEAD_PID}-4.jsonl`), '{"n":1}\n');
  const [first, second] = [await open(), await open()];
  expect(await drained(first)).toEqual([{ n: 1 }]);
  await second.append({ n: 2 });
  expect(await drained(second)).toEqual([{ n: 2 }]);
  expect(second.bytes()).toBe(0);
});

test('appending goes on while the spool is drained', async () => {
  const spool = await open();
  const all: unknown[] = [];
  const write = (batch: readonly unknown[]) => {
    all.push(...batch);
    return Promise.resolve(0);
  };
  const appends: Promise<void>[] = [];
  for (let n = 0; n < 300; n++) {
    appends.push(spool.append({ n }));
    if (n % 20 === 0) await spool.drain(write);
  }
  await Promise.all(appends);
  await spool.drain(write);
  expect(all).toEqual(Array.from({ length: 300 }, (_, n) => ({ n })));
  expect(readdirSync(directory)).toEqual([]);
});

test('a directory that cannot be used is a SpoolError', async () => {
  writeFileSync(join(directory, 'file'), '');
  const nowhere = open({ directory: join(directory, 'file', 'spool') });
  await expect(nowhere).rejects.toMatchObject({ code: 'spool_failed' });
});

test('a process killed while it appends loses nothing that it acknowledged', async () => {
  const program = `
    import { openSpool } from ${JSON.stringify(fileURLToPath(new URL('spool.ts', import.meta.url)))};
    const spool = await openSpool({ directory: process.argv[1], bytesMax: 1e9, pid: process.pid, now: Date.now });
    for (let n = 0; ; n += 3) {
      await Promise.all([n, n + 1, n + 2].map((n) => spool.append({ n, text: 'x'.repeat(2000) })));
      process.stdout.write(n + 2 + '\\n');
    }`;
  const args = ['--input-type=module', '-e', program, directory];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const chunk of child.stdout) {
    output += String(chunk);
    if (output.length > 1000) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const acknowledged = Number(output.split('\n').at(-2));
  appendFileSync(join(directory, readdirSync(directory)[0] ?? ''), '{"n":');
  const entries = await drained(await open());
  expect(acknowledged).toBeGreaterThan(100);
  expect(entries.length).toBeGreaterThan(acknowledged);
  const numbers = entries.map((entry) => (entry as { n: number }).n);
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect(torn).toHaveLength(1);
});
