/** One stream of events for the whole page: when something changed, what is on screen is asked for again. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

/** Queries whose key begins so follow the changes. */
export const LIVE = 'live';

export function useLiveUpdates(isOn: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!isOn) return undefined;
    const events = new EventSource('/admin/events');
    events.addEventListener('change', () => {
      void client.invalidateQueries({ queryKey: [LIVE] });
    });
    return () => {
      events.close();
    };
  }, [client, isOn]);
}
