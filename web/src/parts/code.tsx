/** A piece of code with a button that copies it. */
import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

export function Code(props: {
  readonly text: string;
  readonly label: string;
  /** Lines that stand out, counted from 0. */
  readonly marked?: readonly number[];
}) {
  const { text, label, marked = [] } = props;
  return (
    <div style={{ position: 'relative' }}>
      <div
        className="template template-block"
        style={{ paddingRight: 44 }}
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        <pre>
          {text.split('\n').map((line, index) => (
            <span key={index} className={marked.includes(index) ? 'line is-marked' : 'line'}>
              {`${line}\n`}
            </span>
          ))}
        </pre>
      </div>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="default"
            onClick={copy}
            aria-label={copied ? `Copied: ${label}` : `Copy: ${label}`}
            style={{ position: 'absolute', top: 6, right: 6 }}
          >
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  );
}
