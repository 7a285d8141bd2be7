/** A template with its variables in colours. Everything is a text node: no message is ever read as markup. */
import type { Part } from '../../../proxy/admin/contract/template.ts';

const COLOURS = 8;

/** The same name has the same colour everywhere. */
export function variableClass(name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return `variable v${String(hash % COLOURS)}`;
}

export function Variable({ name }: { readonly name: string }) {
  return <span className={variableClass(name)}>{name}</span>;
}

export function Parts({ parts }: { readonly parts: readonly Part[] }) {
  if (parts.length === 0) return <span className="template">(empty)</span>;
  return (
    <span className="template">
      {parts.map((part, index) =>
        'text' in part ? (
          <span key={index}>{part.text}</span>
        ) : (
          <Variable key={index} name={part.variable} />
        ),
      )}
    </span>
  );
}

export function Leaves({ leaves }: { readonly leaves: readonly (readonly Part[])[] }) {
  return (
    <div className="template-block" tabIndex={0} role="region" aria-label="Template">
      {leaves.map((parts, index) => (
        <div key={index}>
          <Parts parts={parts} />
        </div>
      ))}
    </div>
  );
}

/** For labels that only have text. */
export function plain(parts: readonly Part[]): string {
  return parts.map((part) => ('text' in part ? part.text : `{${part.variable}}`)).join('');
}
