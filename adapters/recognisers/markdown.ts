/** Cells of tables and contents of code fences in Markdown, found by marked. */
import { Lexer, type Tokens } from 'marked';
import type { TextProposal } from '../../core/induction/proposal.ts';

const HINT = /^[ \t]*(?:\||```|~~~)|[ \t]\|[ \t]/m;

/** Cost: about 0.2 ms for 1 KB; texts with neither a bar nor a fence are not parsed. */
export function findMarkdown(text: string): TextProposal[] {
  // The lexer rewrites other line ends, and with them every offset.
  if (!HINT.test(text) || text.includes('\r')) return [];
  const found: TextProposal[] = [];
  let offset = 0;
  // Blocks only: emphasis and links cost time that grows with the square of some texts.
  for (const token of new Lexer().blockTokens(text)) {
    if (!text.startsWith(token.raw, offset)) break;
    if (token.type === 'table') found.push(...cellsOf(token as Tokens.Table, offset));
    if (token.type === 'code') found.push(...fenceOf(token as Tokens.Code, offset));
    offset += token.raw.length;
  }
  return found;
}

function cellsOf(table: Tokens.Table, offset: number): TextProposal[] {
  const lines = table.raw.split('\n');
  const starts = lines.map((_, index) =>
    lines.slice(0, index).reduce((total, line) => total + line.length + 1, offset),
  );
  return table.rows.flatMap((row, index) => {
    const line = lines[index + 2] ?? '';
    const start = starts[index + 2] ?? offset;
    let from = 0;
    return row.flatMap(({ text: cell }, column): TextProposal[] => {
      const at = cell === '' ? -1 : line.indexOf(cell, from);
      if (at < 0) return [];
      from = at + cell.length;
      const label = table.header[column]?.text ?? '';
      return [
        {
          start: start + at,
          end: start + from,
          kind: 'line',
          delimited: true,
          ...(label === '' ? {} : { label }),
        },
      ];
    });
  });
}

function fenceOf(code: Tokens.Code, offset: number): TextProposal[] {
  const at = code.text.trim() === '' ? -1 : code.raw.indexOf(code.text);
  if (at < 0 || code.codeBlockStyle === 'indented') return [];
  return [
    {
      start: offset + at,
      end: offset + at + code.text.length,
      kind: 'text',
      label: 'code',
      delimited: true,
    },
  ];
}
