/** Decodes a copy of a compressed body; what travels on is always the original. */
import {
  brotliDecompressSync,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';

export type DecodeResult =
  | { readonly kind: 'decoded'; readonly bytes: Buffer }
  | { readonly kind: 'unknown' | 'corrupt'; readonly encoding: string }
  | { readonly kind: 'too-large' };

type Decode = (bytes: Buffer, bytesMax: number) => Buffer;

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['gzip', (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength })],
  ['x-gzip', (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength })],
  ['deflate', inflateEither],
  ['br', (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength })],
  ['zstd', (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength })],
]);
/** Nobody nests more; each layer costs a pass. */
const LAYERS_MAX = 3;

/**
 * `header`: the value of Content-Encoding. In one go and without waiting, so that an answer is
 * learned before its client can ask again; `bytesMax` bounds the time as well as the memory.
 */
export function decodeBody(
  bytes: Buffer,
  header: string | undefined,
  bytesMax: number,
): DecodeResult {
  const layers = (header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (layers.length > LAYERS_MAX) return { kind: 'unknown', encoding: layers.join(', ') };
  let decoded = bytes;
  for (const encoding of layers.reverse()) {
    const decode = DECODERS.get(encoding);
    if (decode === undefined) return { kind: 'unknown', encoding };
    try {
      decoded = decode(decoded, bytesMax);
    } catch (error) {
      const isTooLarge = error instanceof RangeError;
      return isTooLarge ? { kind: 'too-large' } : { kind: 'corrupt', encoding };
    }
  }
  return decoded.byteLength > bytesMax
    ? { kind: 'too-large' }
    : { kind: 'decoded', bytes: decoded };
}

/** "deflate" means zlib's format, but some have always sent the bare stream. */
function inflateEither(bytes: Buffer, maxOutputLength: number): Buffer {
  // RFC 1950: the low half of the first byte is 8, and the first two are a multiple of 31.
  const [first = 0, second = 0] = bytes;
  const isZlib = (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
  return isZlib
    ? inflateSync(bytes, { maxOutputLength })
    : inflateRawSync(bytes, { maxOutputLength });
}
