/** Who looks: asked for once, and by every part that depends on it. */
import { useQuery } from '@tanstack/react-query';
import { SESSION } from '../../proxy/admin/contract/session.ts';
import { get } from './api.ts';

export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => get('/admin/session', SESSION, signal),
    staleTime: Infinity,
  });
}

/** Viewers see what owners see and have no buttons. */
export function useIsOwner(): boolean {
  return useSession().data?.role === 'owner';
}

/** The run's page in the Temporal UI, where we know one. */
export function useRunUrl(): (workflowId: string) => string | undefined {
  const session = useSession().data;
  return (workflowId) =>
    session?.temporalUiUrl == null
      ? undefined
      : `${session.temporalUiUrl}/namespaces/${encodeURIComponent(session.temporalNamespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
