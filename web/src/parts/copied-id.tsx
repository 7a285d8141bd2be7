/** An id and a button that copies it: nobody types these. */
import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

export function CopiedId(props: { readonly id: string; readonly label: string }) {
  const { id, label } = props;
  return (
    <span>
      <span className="template">{id}</span>{' '}
      <CopyButton value={id}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            onClick={copy}
            aria-label={copied ? `Copied: ${label}` : `Copy: ${label}`}
            style={{ verticalAlign: 'middle', color: 'inherit' }}
          >
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        )}
      </CopyButton>
    </span>
  );
}
