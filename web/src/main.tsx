/** The dashboard: one page, its parts loaded when they are first opened. */
import '@mantine/core/styles.css';
import './styles.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProblem } from './api.ts';
import { Shell } from './shell.tsx';
import { theme, variables } from './theme.ts';

/** No answer, and none because of the database. */
const PASSING: ReadonlySet<number> = new Set([0, 503]);

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      gcTime: 60_000,
      refetchOnWindowFocus: false,
      // What the server refuses it refuses again, unless it is its database that is away.
      retry: (count, error) =>
        count < 3 && !(error instanceof ApiProblem && !PASSING.has(error.status)),
    },
  },
});

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Shell />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
