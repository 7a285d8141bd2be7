/** How every part is: asked for once, however many places show it. */
import { useQuery } from '@tanstack/react-query';
import { HEALTH } from '../../proxy/admin/contract/health.ts';
import { get } from './api.ts';
import { LIVE } from './live.ts';

const AGAIN_MS = 15_000;

export function useHealth() {
  return useQuery({
    queryKey: [LIVE, 'health'],
    queryFn: ({ signal }) => get('/admin/health', HEALTH, signal),
    refetchInterval: AGAIN_MS,
  });
}
