/**
 * The secret and the keyed hashes made with it: who calls is only ever known by them.
 * A hash without the secret could be compared with hashes of guessed keys.
 */
import { LRUCache } from 'lru-cache';
import { createHmac, hash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Hex of HMAC-SHA256 over `[purpose, ...parts]`: hashes of one purpose say nothing about another. */
export type KeyedHash = (purpose: string, parts: readonly unknown[]) => string;

const SECRET_BYTES = 32;

export function createKeyedHash(secret: string): KeyedHash {
  return (purpose, parts) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([purpose, ...parts]))
      .digest('hex');
}

const REMEMBERED_MAX = 1000;

/** The same hashes, for callers, who come again: a look-up takes a quarter of the time. */
export function rememberHashes(keyedHash: KeyedHash): KeyedHash {
  // By a hash, so that no credential stays in memory.
  const remembered = new LRUCache<string, string>({ max: REMEMBERED_MAX });
  return (purpose, parts) => {
    const key = hash('sha256', JSON.stringify([purpose, ...parts]));
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const made = keyedHash(purpose, parts);
    remembered.set(key, made);
    return made;
  };
}

/** What is stored of a project's key, and what `Butter-Auth` is looked up by. */
export function projectKeyHash(keyedHash: KeyedHash, key: string): string {
  return keyedHash('project-key', [key]);
}

/** Tells two secrets apart without telling either (DESIGN §11.14). */
export function secretFingerprint(keyedHash: KeyedHash): string {
  return keyedHash('fingerprint', []).slice(0, 32);
}

/**
 * The secret kept in `<home>/secret`, made on first use and readable by its owner only.
 * Of processes that make it at once all get the same one. Errors: those of the file system.
 */
export function readOrMakeSecret(home: string): string {
  const file = path.join(home, 'secret');
  const known = readIfThere(file);
  if (known !== undefined) return known;
  mkdirSync(home, { recursive: true });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, randomBytes(SECRET_BYTES).toString('hex'), { mode: 0o600, flag: 'wx' });
  try {
    // A link appears with all its content, and only where there is none yet.
    linkSync(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}

function readIfThere(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
