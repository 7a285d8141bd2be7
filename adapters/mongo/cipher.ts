/**
 * Texts sealed with AES-256-GCM (DESIGN §8). Each document has a key of its own, made from the one that is set: a random
 * nonce is then safe however much is written, and what is sealed in one place opens in no other.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

export interface Cipher {
  /** Tells two keys apart without telling either. */
  readonly fingerprint: string;
  /** What stands of it in all that is sealed with it. */
  readonly keyId: string;
  /** For the fields of one document. */
  ofDocument(collection: string, id: string): DocumentCipher;
}

export interface DocumentCipher {
  seal(field: string, text: string): string;
  /** Undefined for what was not sealed in this place and with this key, or was changed since. */
  open(field: string, sealed: unknown): string | undefined;
}

const ALGORITHM = 'aes-256-gcm';
const VERSION = 'ghee1';
const KEY_ID_CHARACTERS = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID = new RegExp(`^${VERSION}:([0-9a-f]{${KEY_ID_CHARACTERS}}):`);

/** The key that a text was sealed with, undefined for one that was not. */
export function keyIdOf(text: unknown): string | undefined {
  return typeof text === 'string' ? KEY_ID.exec(text)?.[1] : undefined;
}

/** `key`: 64 hexadecimal digits. A sealed text is `ghee1:<key id>:<base64url of nonce, ciphertext and tag>`. */
export function createCipher(key: string): Cipher {
  // Key objects: with bytes for a key each operation takes three times as long.
  const master = createSecretKey(Buffer.from(key, 'hex'));
  const derive = (...purpose: readonly string[]): Buffer =>
    createHmac('sha256', master).update(JSON.stringify(purpose)).digest();
  const fingerprint = derive('fingerprint').toString('hex').slice(0, 32);
  const keyId = fingerprint.slice(0, KEY_ID_CHARACTERS);
  const prefix = `${VERSION}:${keyId}:`;
  return {
    fingerprint,
    keyId,
    ofDocument(collection, id) {
      const own = createSecretKey(derive('document', collection, id));
      return {
        seal: (field, text) => prefix + seal(own, prefix + field, text),
        open: (field, sealed) =>
          typeof sealed === 'string' && sealed.startsWith(prefix)
            ? open(own, prefix + field, sealed.slice(prefix.length))
            : undefined,
      };
    },
  };
}

function seal(key: KeyObject, authenticated: string, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  cipher.setAAD(Buffer.from(authenticated));
  const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(parts).toString('base64url');
}

function open(key: KeyObject, authenticated: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.byteLength < NONCE_BYTES + TAG_BYTES) return undefined;
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), options);
  decipher.setAAD(Buffer.from(authenticated));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined; // Not authentic.
  }
}
