import { expect, test } from '@jest/globals';
import { Sampler } from './sampler.ts';

/** Sends `perSecond` calls in each of the seconds, evenly; gives back what was let through in each. */
function send(sampler: Sampler, clock: { ms: number }, perSecond: readonly number[]): number[] {
  return perSecond.map((count) => {
    const startedAt = clock.ms;
    let admitted = 0;
    for (let n = 0; n < count; n++) {
      clock.ms = startedAt + (1000 * n) / count;
      if (sampler.admit()) admitted++;
    }
    clock.ms = startedAt + 1000;
    return admitted;
  });
}

function sampler(all: number, sample = all) {
  const clock = { ms: 0 };
  return { clock, sampler: new Sampler({ all, sample, clock: () => clock.ms }) };
}

test('as many as the limit pass, all of them', () => {
  const { sampler: target, clock } = sampler(100);
  expect(send(target, clock, [1, 50, 100, 100])).toEqual([1, 50, 100, 100]);
});

test('of more, about the limit passes, and never more', () => {
  const { sampler: target, clock } = sampler(100);
  const admitted = send(target, clock, [1000, 1000, 1000, 250, 250]);
  for (const count of admitted) expect(count).toBeLessThanOrEqual(100);
  expect(admitted[2]).toBe(100);
});

test('a long row of calls is sampled over all of it, not at its start', () => {
  const { sampler: target, clock } = sampler(100);
  send(target, clock, [1000]);
  const half = clock.ms + 500;
  let late = 0;
  for (let n = 0; n < 1000; n++) {
    clock.ms += 1;
    if (target.admit() && clock.ms > half) late++;
  }
  expect(late).toBe(50);
});

test('after a pause everything passes again', () => {
  const { sampler: target, clock } = sampler(100);
  send(target, clock, [1000]);
  clock.ms += 5000;
  expect(send(target, clock, [60])).toEqual([60]);
});

test('a second that had more than all is followed by a sample, until it is calm again', () => {
  const { sampler: target, clock } = sampler(100, 10);
  expect(send(target, clock, [100, 101, 1000, 1000, 50, 80])).toEqual([100, 100, 10, 10, 1, 80]);
});
