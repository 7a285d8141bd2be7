/** The seed's examples that take knowledge of the world, by the symbolic steps alone. */
import { expect, test } from '@jest/globals';
import { MemoryInducer } from '../../tests/support/memory-inducer.ts';
import { EXAMPLES } from '../../tests/support/world-knowledge.ts';

test.each(EXAMPLES)(
  '$name: without a model Ghee abstains, since no text can show it',
  ({ ask, answer, taught, fresh, unknown }) => {
    const inducer = new MemoryInducer();
    const bodyOf = (value: string) => ({ messages: [{ role: 'user', content: ask(value) }] });
    for (const value of taught) {
      inducer.learn(bodyOf(value), answer(value));
      for (const other of [...fresh, unknown]) {
        expect(inducer.ask(bodyOf(other))).toMatchObject({ kind: 'miss' });
      }
    }
  },
);
