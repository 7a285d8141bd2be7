/** The request's Cache-Control, as far as it concerns Ghee (DESIGN §11.16). Others are left to the provider. */

export interface CacheControl {
  /** Neither read nor stored. */
  readonly noStore: boolean;
  /** Forwarded, and what is stored is replaced. */
  readonly noCache: boolean;
  /** A miss is an error. */
  readonly onlyIfCached: boolean;
  /** Stored answers may be this old, in seconds. */
  readonly maxAge: number | undefined;
}

const NOTHING: CacheControl = {
  noStore: false,
  noCache: false,
  onlyIfCached: false,
  maxAge: undefined,
};

export function readCacheControl(header: string | undefined): CacheControl {
  if (header === undefined) return NOTHING;
  const directives = new Map<string, string>();
  for (const part of header.split(',')) {
    const [name = '', value = ''] = part.split('=', 2);
    directives.set(name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1'));
  }
  const maxAge = directives.get('max-age');
  return {
    noStore: directives.has('no-store'),
    noCache: directives.has('no-cache'),
    onlyIfCached: directives.has('only-if-cached'),
    maxAge: maxAge !== undefined && /^\d{1,10}$/.test(maxAge) ? Number(maxAge) : undefined,
  };
}
