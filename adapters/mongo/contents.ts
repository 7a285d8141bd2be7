/**
 * Which fields of which documents hold content: what people and models said, and what was made of it. They are sealed
 * where a key is set, and lie as they are where none is.
 */
import { keyIdOf, type Cipher } from './cipher.ts';
import { StoreError } from './store-error.ts';
import { isFields } from './untrusted.ts';

/** Of merges the texts of their templates (merge-document.ts), of observations the proposals of steps go with these. */
const CONTENT_FIELDS = {
  observations: ['messages', 'answer', 'bindings', 'parameters'],
  scopes: ['parameters'],
  answers: ['answer'],
  nodes: ['template', 'variables', 'guards', 'answer', 'evidence'],
  requests: ['content'],
  mergeProposals: ['json'],
} as const;

export type ContentCollection = keyof typeof CONTENT_FIELDS;

declare const STORED: unique symbol;

/** Content as it lies in the database. Only `Contents` makes it, and only it can read it. */
export interface Stored<T> {
  readonly [STORED]: T;
}

/** A document, or some fields of one, as it lies in the database. */
export type Sealed<C extends ContentCollection, D> = {
  [K in keyof D]: K extends (typeof CONTENT_FIELDS)[C][number] ? Stored<D[K]> : D[K];
};

/** Where a value lies. */
export interface Place {
  readonly collection: string;
  readonly id: string;
  readonly field: string;
}

export class Contents {
  private readonly cipher: Cipher | undefined;
  private isWithheld = false;

  constructor(cipher: Cipher | undefined) {
    this.cipher = cipher;
  }

  /** Tells keys apart, and a key from none. */
  get fingerprint(): string {
    return this.cipher?.fingerprint ?? NO_KEY;
  }

  /** From now on nothing is sealed for the database, until it is known to be one of this key. */
  withhold(): void {
    this.isWithheld = true;
  }

  release(): void {
    this.isWithheld = false;
  }

  /**
   * `document`: all of a document, or the fields of it that are to be set. Errors: StoreError `store_unavailable` while
   * content is withheld.
   */
  seal<C extends ContentCollection, D extends object>(
    collection: C,
    id: string,
    document: D,
  ): Sealed<C, D> {
    this.expectReleased();
    return this.sealAside(collection, id, document);
  }

  /** As `seal`, for what is kept outside the database, whatever that is. */
  sealAside<C extends ContentCollection, D extends object>(
    collection: C,
    id: string,
    document: D,
  ): Sealed<C, D> {
    const { cipher } = this;
    if (cipher === undefined) return document as unknown as Sealed<C, D>;
    const own = cipher.ofDocument(collection, id);
    const stored: Record<string, unknown> = Object.fromEntries(Object.entries(document));
    for (const field of CONTENT_FIELDS[collection]) {
      if (stored[field] !== undefined) stored[field] = own.seal(field, toText(stored[field]));
    }
    return stored as Sealed<C, D>;
  }

  /**
   * What `seal` was given, untrusted as ever. Undefined where a field cannot be opened: half a document would say
   * something else. Without its `_id` nothing can.
   */
  open(collection: string, document: unknown): unknown {
    if (this.cipher === undefined || !isContentCollection(collection)) return document;
    if (!isFields(document)) return undefined;
    const own = this.cipher.ofDocument(collection, String(document['_id']));
    const opened: Record<string, unknown> = { ...document };
    for (const field of CONTENT_FIELDS[collection]) {
      if (opened[field] == null) continue;
      const value = fromText(own.open(field, opened[field]));
      if (value === undefined) return undefined;
      opened[field] = value;
    }
    return opened;
  }

  /** Whether a document was sealed with a key that is not ours, so that it may well be opened elsewhere. */
  isLocked(collection: ContentCollection, document: unknown): boolean {
    if (!isFields(document)) return false;
    return CONTENT_FIELDS[collection].some((field) => {
      const keyId = keyIdOf(document[field]);
      return keyId !== undefined && keyId !== this.cipher?.keyId;
    });
  }

  /** One value that is no field of its own. Errors: as of `seal`. */
  sealValue<T>({ collection, id, field }: Place, value: T): Stored<T> {
    this.expectReleased();
    const sealed = this.cipher?.ofDocument(collection, id).seal(field, toText(value)) ?? value;
    return sealed as unknown as Stored<T>;
  }

  /** Undefined where it cannot be opened. */
  openValue({ collection, id, field }: Place, stored: unknown): unknown {
    if (this.cipher === undefined) return stored;
    return fromText(this.cipher.ofDocument(collection, id).open(field, stored));
  }

  private expectReleased(): void {
    if (!this.isWithheld) return;
    throw new StoreError('store_unavailable', 'it is not known yet whose key the database has');
  }
}

/** What stands in place of a key's fingerprint. */
export const NO_KEY = 'none';

function isContentCollection(name: string): name is ContentCollection {
  return Object.hasOwn(CONTENT_FIELDS, name);
}

/** Texts stay as they are, which are nearly all that there is; all else becomes JSON. The first character says which. */
const AS_IT_IS = 's';
const AS_JSON = 'j';

function toText(value: unknown): string {
  return typeof value === 'string' ? AS_IT_IS + value : AS_JSON + JSON.stringify(value);
}

/** Inverse of `toText`; undefined for anything else. */
function fromText(text: string | undefined): unknown {
  if (text?.startsWith(AS_IT_IS) === true) return text.slice(AS_IT_IS.length);
  try {
    return JSON.parse(text?.slice(AS_JSON.length) ?? '') as unknown;
  } catch {
    return undefined;
  }
}
