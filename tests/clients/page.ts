/** The pages of docs/integrations as programs: their one block of code, run as a reader would run it. */
import { execa } from 'execa';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePorts } from '../../scripts/ports.ts';
import { ROOT } from '../../scripts/servers/tools.ts';

const FOLDER = path.join(ROOT, 'docs', 'integrations');
const BLOCK = /```(python|js|sh)\n([^]*?)\n```/;
/** Folders of installed packages; those that are not there could not be installed, or were not asked for. */
export interface ClientSets {
  readonly python: Readonly<Record<string, string>>;
  readonly node: string | undefined;
}

const SETS = JSON.parse(process.env['GHEE_TEST_CLIENTS'] ?? '{"python":{}}') as ClientSets;
/** Libraries that want other versions of one package have a set of their own. */
const SET_OF_PAGE: Readonly<Record<string, string>> = {
  'openai-python': 'openai',
  litellm: 'litellm',
  'litellm-proxy': 'litellm',
  dspy: 'litellm',
  crewai: 'crewai',
};
const NEED_NOTHING_MORE = new Set(['openai-node', 'vercel-ai-sdk', 'curl']);

/** Whether what a page needs is here. */
export function isInstalled({ name, language }: Omit<Page, 'code'>): boolean {
  if (NEED_NOTHING_MORE.has(name)) return true;
  return language === 'js' ? SETS.node !== undefined : SETS.python[setOf(name)] !== undefined;
}

/** For programs that need the packages of a set, and nothing else of this machine. */
export function pythonEnvironment(set: string): Record<string, string> {
  return { PYTHONPATH: SETS.python[set] ?? '', PYTHONNOUSERSITE: '1' };
}

export const PYTHON = process.env['GHEE_TEST_PYTHON'] ?? 'python3';

function setOf(page: string): string {
  return SET_OF_PAGE[page] ?? 'frameworks';
}

/** What the pages tell readers to use. */
const DEFAULT_ORIGIN = 'http://127.0.0.1:8787';
/** Where a server listens that a page starts; its runs are beside each other. */
const DEFAULT_PORT = '4000';
const TIMEOUT_MS = 180_000;

export interface Page {
  readonly name: string;
  readonly language: 'python' | 'js' | 'sh';
  readonly code: string;
}

export function readPages(): Page[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => {
      const [, language, code = ''] =
        BLOCK.exec(readFileSync(path.join(FOLDER, file), 'utf8')) ?? [];
      if (language !== 'python' && language !== 'js' && language !== 'sh')
        throw new Error(`${file} has no block of code that can be run`);
      return { name: path.basename(file, '.md'), language, code };
    });
}

/** No library reports to its makers, or waits for a network that is not there. */
const QUIET = {
  CREWAI_DISABLE_TELEMETRY: 'true',
  CREWAI_TRACING_ENABLED: 'false',
  OTEL_SDK_DISABLED: 'true',
  MASTRA_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  LANGSMITH_TRACING: 'false',
  LITELLM_LOCAL_MODEL_COST_MAP: 'True',
  AI_SDK_LOG_WARNINGS: 'false',
};

/** Shape: what it prints. Errors: rejects when the program fails, with what it said. */
export async function runPage(page: Page, origin: string): Promise<string> {
  const home = mkdtempSync(path.join(tmpdir(), 'ghee-page-'));
  const [port] = await findFreePorts(1);
  // In this order: the origin's port may hold the other's digits.
  const code = page.code.replaceAll(DEFAULT_PORT, String(port)).replaceAll(DEFAULT_ORIGIN, origin);
  const folder = SETS.python[setOf(page.name)];
  const env = {
    ...QUIET,
    OPENAI_API_KEY: `sk-${page.name}`,
    HOME: home,
    ...pythonEnvironment(setOf(page.name)),
    // Programs that came with the packages.
    ...(folder === undefined ? {} : { PATH: `${folder}/bin:${process.env['PATH'] ?? ''}` }),
  };
  try {
    const { stdout } = await execa(...commandOf(page, code, home), {
      env,
      cwd: home,
      timeout: TIMEOUT_MS,
      stdin: 'ignore',
    });
    return stdout;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function commandOf({ name, language }: Page, code: string, home: string): [string, string[]] {
  switch (language) {
    case 'sh':
      return ['bash', ['-c', code]];
    case 'python': {
      const file = path.join(home, 'page.py');
      writeFileSync(file, code);
      return [PYTHON, [file]];
    }
    case 'js': {
      // Packages are looked up from where the program lies: first the clients' own, then ours.
      const folder = SETS.node ?? path.join(ROOT, '.ghee', 'tools');
      mkdirSync(folder, { recursive: true });
      const file = path.join(folder, `page-${name}-${path.basename(home)}.mjs`);
      writeFileSync(file, `${code}\n`);
      return [process.execPath, [file]];
    }
  }
}
