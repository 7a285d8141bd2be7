/** Where a token is asked for: the browser gets a session and never keeps the token. */
import { Button, Center, Group, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { LOGGED_IN } from '../../../proxy/admin/contract/session.ts';
import { send } from '../api.ts';
import { Failure } from '../parts/page.tsx';

export function LoginPage() {
  const client = useQueryClient();
  const [token, setToken] = useState('');
  const login = useMutation({
    mutationFn: () => send('POST', '/admin/login', LOGGED_IN, { token: token.trim() }),
    onSuccess: () => client.resetQueries({ queryKey: ['session'] }),
  });
  return (
    <Center component="main" mih="100dvh" p="md">
      <form
        className="panel"
        style={{ width: 'min(100%, 380px)' }}
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate();
        }}
      >
        <Stack>
          <Group gap="sm">
            <img src="/favicon.svg" alt="" width={28} height={28} />
            <Title order={1} size="h3">
              Log in to Ghee
            </Title>
          </Group>
          <PasswordInput
            label="Token"
            description="GHEE_ADMIN_TOKEN, or a viewer's token"
            value={token}
            autoComplete="current-password"
            required
            visibilityToggleButtonProps={{ 'aria-label': 'Show the token' }}
            onChange={(event) => {
              setToken(event.currentTarget.value);
            }}
          />
          {login.error !== null && <Failure error={login.error} />}
          <Button type="submit" loading={login.isPending}>
            Log in
          </Button>
          <Text size="sm" c="dimmed">
            The token is set where Ghee runs. It is not kept in this browser.
          </Text>
        </Stack>
      </form>
    </Center>
  );
}
