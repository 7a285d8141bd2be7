import { expect, test } from '@jest/globals';
import { StoreError } from './store-error.ts';
import { WriteQueue } from './write-queue.ts';
import { until } from '../../tests/support/until.ts';

const away = () => new StoreError('store_unavailable', 'away');

test('what is added is written in batches, by itself and in order', async () => {
  const batches: number[][] = [];
  const queue = new WriteQueue<number>({
    everyMs: 1,
    write: (batch) => {
      batches.push([...batch]);
      return Promise.resolve();
    },
  });
  for (let n = 0; n < 1200; n++) queue.add(n);
  expect(batches).toEqual([]);
  await until('all is written', () => queue.counts().written === 1200);
  expect(batches.flat()).toEqual(Array.from({ length: 1200 }, (_, n) => n));
  expect(batches.length).toBeLessThanOrEqual(4);
});

test('a store that is away: what waits is written when it is back, once', async () => {
  let isAway = true;
  const written: number[] = [];
  const failures: string[] = [];
  const queue = new WriteQueue<number>({
    write: (batch) => {
      if (isAway) return Promise.reject(away());
      written.push(...batch);
      return Promise.resolve();
    },
    onFailed: (error) => failures.push(error.code),
  });
  queue.add(1);
  expect(await queue.flush()).toBe(false);
  queue.add(2);
  expect(await queue.flush()).toBe(false);
  isAway = false;
  expect(await queue.flush()).toBe(true);
  expect(written).toEqual([1, 2]);
  expect(failures).toEqual(['store_unavailable']);
  await queue.close();
});

test('no more wait than there is room for; the rest is counted', async () => {
  const queue = new WriteQueue<number>({
    write: () => Promise.reject(away()),
    waitingMax: 10,
  });
  for (let n = 0; n < 25; n++) queue.add(n);
  expect(queue.counts()).toEqual({ written: 0, dropped: 15, waiting: 10 });
  await queue.close();
});

test('large items take the room of many', async () => {
  const queue = new WriteQueue<string>({
    write: () => Promise.reject(away()),
    bytesOf: (item) => item.length,
  });
  for (let n = 0; n < 10; n++) queue.add('x'.repeat(10_000_000));
  expect(queue.counts()).toMatchObject({ waiting: 3, dropped: 7 });
  await queue.close();
});

test('a batch that the store refuses for good is dropped and counted, and the next goes on', async () => {
  const written: number[] = [];
  const queue = new WriteQueue<number>({
    write: (batch) => {
      if (batch.includes(13)) return Promise.reject(new StoreError('store_rejected', 'no'));
      written.push(...batch);
      return Promise.resolve();
    },
  });
  queue.add(13);
  expect(await queue.flush()).toBe(true);
  queue.add(14);
  await queue.flush();
  expect(written).toEqual([14]);
  expect(queue.counts()).toEqual({ written: 1, dropped: 1, waiting: 0 });
  await queue.close();
});
