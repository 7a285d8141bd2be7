/** Why a call was no hit, and what would help: its message beside the nearest template. */
import { Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type {
  Compared,
  Decision,
  ShownDifference,
} from '../../../proxy/admin/contract/requests.ts';
import { words } from '../format.ts';
import { Panel } from '../parts/page.tsx';
import { Parts, variableClass } from '../parts/template-view.tsx';

export function Why({
  explanation,
}: {
  readonly explanation: NonNullable<Decision['explanation']>;
}) {
  const { nearest, remedy, depth, reasonNow } = explanation;
  return (
    <Panel title="Why, and what would help">
      <Stack gap="sm">
        <Text size="sm">
          {nearest?.compared !== undefined && nearest.difference?.kind === 'text'
            ? 'What is marked is not as in the nearest template: without it, the template would fit.'
            : remedy}
        </Text>
        {depth !== undefined && (
          <Text size="sm" c="dimmed">
            {depth === 0
              ? 'Not even the first message fits what was learned.'
              : `The first ${depth === 1 ? 'message fits' : `${String(depth)} messages fit`} what was learned.`}
            {reasonNow !== undefined &&
              reasonNow !== explanation.reason &&
              ` Today the reason would be: ${words(reasonNow)}.`}
          </Text>
        )}
        {nearest !== undefined && (
          <div>
            <Text size="sm" fw={600} mb={4} component={Link} href={`/nodes/${nearest.node}`}>
              The nearest template
            </Text>
            {nearest.compared === undefined ? (
              <>
                {nearest.parts !== undefined && (
                  <div className="template-block">
                    <Parts parts={nearest.parts} />
                  </div>
                )}
                {nearest.difference !== undefined && <Difference difference={nearest.difference} />}
              </>
            ) : (
              <SideBySide compared={nearest.compared} />
            )}
          </div>
        )}
      </Stack>
    </Panel>
  );
}

/** What only one of them has is marked; a value has its variable's colour. */
function SideBySide({ compared }: { readonly compared: Compared }) {
  const sides = [
    { title: 'The template', parts: compared.template, mark: 'expected' },
    { title: 'This message', parts: compared.message, mark: 'marked' },
  ];
  return (
    <div className="grid-2">
      {sides.map(({ title, parts, mark }) => (
        <div key={title}>
          <Text size="sm" c="dimmed" mb={4}>
            {title}
          </Text>
          <div className="template template-block" tabIndex={0} role="region" aria-label={title}>
            {parts.map((part, index) =>
              part.variable === undefined ? (
                <span key={index} className={part.mark === 'differs' ? mark : ''}>
                  {part.text}
                </span>
              ) : (
                <span key={index} className={variableClass(part.variable)} title={part.variable}>
                  {part.text}
                </span>
              ),
            )}
          </div>
        </div>
      ))}
    </div>
  );
}

function Difference({ difference }: { readonly difference: ShownDifference }) {
  const { kind, path, offset, expected, found, variable } = difference;
  return (
    <Stack gap={4} mt="xs">
      <Text size="sm">
        The first difference is one of {kind}
        {path === undefined ? '' : `, in ${path.join('/')}`}
        {offset === undefined ? '' : ` at offset ${String(offset)}`}
        {variable === undefined ? '' : `, of ${variable}`}.
      </Text>
      {expected !== undefined && (
        <Text size="sm">
          Expected <span className="template expected">{expected}</span>
        </Text>
      )}
      {found !== undefined && (
        <Text size="sm">
          Found <span className="template marked">{found}</span>
        </Text>
      )}
    </Stack>
  );
}
