/** A time as people think of it, with the exact one a pointer away. */
import { useQuery } from '@tanstack/react-query';
import { ago, fullTime } from '../format.ts';

const TICK_MS = 15_000;

/** One clock for the page: all times are told as of the same moment. */
function useNow(): number {
  const { data } = useQuery({
    queryKey: ['clock'],
    queryFn: () => Date.now(),
    refetchInterval: TICK_MS,
    staleTime: TICK_MS,
  });
  return data ?? Date.now();
}

export function When({ at }: { readonly at: string }) {
  const now = Math.max(useNow(), Date.parse(at));
  return (
    <time dateTime={at} title={fullTime(at)} style={{ whiteSpace: 'nowrap' }}>
      {ago(at, now)}
    </time>
  );
}
