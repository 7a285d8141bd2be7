/**
 * What a file of trees looks like: `ghee export` writes it, `ghee import` reads it, `behaviour.lock` is one. Whatever it
 * says is checked here, field by field, before anything is made of it.
 */
import { z } from 'zod';
import { parseDerivation } from '../../core/expressions/derivation.ts';
import { SEEN_MAX } from '../../core/induction/evidence.ts';
import { parseCondition } from '../../core/template/condition.ts';
import { parseMatcher } from '../../core/template/matcher.ts';
import { parseTemplate } from '../../core/template/template.ts';
import { EXPECTATIONS } from '../../core/tree/value-type.ts';
import { RISK_CLASSES } from '../../core/trust/risk.ts';

export const FORMAT_VERSION = 1;

const id = z.string().min(1).max(200);
const text = z.string();
const count = z.int().nonnegative();

/** Of what core reads, and nothing else. */
function parsed<T>(parse: (json: unknown) => T | undefined, what: string) {
  return z.unknown().transform((json, context): T => {
    const value = parse(json);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `is no ${what}` });
    return z.NEVER;
  });
}

const matcher = parsed(
  (json) => parseMatcher(typeof json === 'string' ? { kind: json } : json),
  'matcher',
);
const condition = parsed((json) => parseCondition(json), 'condition');
const derivation = parsed(parseDerivation, 'derivation');

/** A literal is its text; a variable is its name with what it takes. */
const segment = z.union([
  text.transform((literal) => ({ kind: 'literal' as const, text: literal })),
  z
    .strictObject({ text, fold: z.string() })
    .transform((literal) => ({ kind: 'literal' as const, ...literal })),
  z
    .strictObject({ variable: text, matcher, condition: condition.optional() })
    .transform(({ variable: name, ...takes }) => ({ kind: 'variable' as const, name, ...takes })),
]);
const template = z
  .strictObject({ role: text, skeleton: text, leaves: z.array(z.array(segment)) })
  .transform((json, context) => {
    const value = parseTemplate(json);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: 'is no template' });
    return z.NEVER;
  });

const variable = z.union([
  z.strictObject({ name: text }).transform(({ name }) => ({ role: 'independent' as const, name })),
  z
    .strictObject({ name: text, computes: z.array(text).exactOptional(), derivation })
    .transform(({ name, ...rest }) => ({
      ...{ role: 'dependent' as const, name, derivation: rest.derivation },
    })),
]);

const answer = z.strictObject({
  ...{ message: text, finishReason: text, model: text, usage: text.optional(), extras: text },
});

const evidence = z.strictObject({
  ...{ confirmations: count, contradictions: count, required: count },
  classes: z.array(z.enum(RISK_CLASSES)),
  reasons: z.array(text),
  /** Only with exemplars: types are made of values. */
  requiredTyped: z
    .strictObject({ known: count, novel: count, odd: count, rivalled: count })
    .exactOptional(),
  types: z
    .array(
      z.strictObject({
        ...{ name: text, values: z.array(text), shapes: z.array(text) },
        ...{
          expects: z.enum(EXPECTATIONS),
          rivalled: z.array(text),
          doubtful: z.array(text),
          isWhole: z.boolean(),
        },
      }),
    )
    .exactOptional(),
  /** Values, or only how many there were. */
  seen: z.array(
    z.strictObject({
      name: text,
      values: z.union([count.max(SEEN_MAX), z.array(text).max(SEEN_MAX)]),
    }),
  ),
});

const node = z.strictObject({
  id,
  parent: id.exactOptional(),
  /** The template as people read it. */
  reads: text,
  state: z.enum(['candidate', 'probation', 'serving', 'quarantined', 'retired']),
  pinned: z.literal(true).exactOptional(),
  template,
  variables: z.array(variable).exactOptional(),
  guards: z.array(z.strictObject({ name: text, condition })).exactOptional(),
  answer: answer.exactOptional(),
  evidence,
});

const observation = z.strictObject({
  ...{ id, thread: id, shape: id, messages: text, answer },
  bindings: z.array(z.tuple([text, text])),
  ...{ induce: z.boolean(), at: count, audit: id.exactOptional() },
  trust: z.enum(['immediate', 'probation']).exactOptional(),
});

const scope = z.strictObject({
  ...{ id, project: id, model: text, namespace: text.exactOptional(), parameters: text },
  ...{ endpoint: id, vetoes: z.array(id).exactOptional() },
  nodes: z.array(node),
  observations: z.array(observation).exactOptional(),
  answers: z
    .array(z.strictObject({ id, thread: id, observation: id, answer, at: count }))
    .exactOptional(),
  exemplars: z
    .array(
      z.strictObject({
        ...{ node: id, observation: id },
        kind: z.enum(['example', 'counter', 'unsettled']),
      }),
    )
    .exactOptional(),
});

export const TREE_FILE = z.strictObject({
  ghee: z.literal(FORMAT_VERSION),
  scopes: z.array(scope),
});

export type TreeFile = z.output<typeof TREE_FILE>;
export type FileScope = TreeFile['scopes'][number];
export type FileNode = FileScope['nodes'][number];
