/** What cannot be undone says what will happen, and asks. */
import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Failure } from './page.tsx';

export function Confirm(props: {
  readonly isOpen: boolean;
  readonly title: string;
  /** The word on the button that does it. */
  readonly verb: string;
  readonly isReady?: boolean;
  readonly work: { readonly isPending: boolean; readonly error: Error | null };
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const { isOpen, title, verb, isReady = true, work, onConfirm, onClose, children } = props;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        {children}
        {work.error !== null && <Failure error={work.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button color="red.9" disabled={!isReady} loading={work.isPending} onClick={onConfirm}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
