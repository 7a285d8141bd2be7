/**
 * Child of tools.ts: fetches one server from its vendor into a folder.
 * Usage: node download.ts temporal|mongod FOLDER. The last line of stdout is the path of the binary;
 * exit code 1 says that the vendor cannot be reached or refused.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';

/** A dead network is found out in this time; the download itself may then take minutes. */
const PROBE_TIMEOUT_MS = 5000;

const [name, folder] = process.argv.slice(2);
if (name === undefined || folder === undefined) throw new Error('usage: download.ts NAME FOLDER');
console.log(name === 'temporal' ? await downloadTemporal(folder) : await downloadMongod(folder));

/** The SDK's downloader also starts what it fetched: it is ended again at once. */
async function downloadTemporal(downloadDir: string): Promise<string> {
  await probe('https://temporal.download/');
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'cached-download', downloadDir },
      log: { format: 'json', level: 'error' },
    },
  });
  await environment.teardown();
  const [binary] = readdirSync(downloadDir).filter((file) => file.startsWith('temporal'));
  if (binary === undefined) throw new Error('the download left no binary');
  return path.join(downloadDir, binary);
}

async function downloadMongod(downloadDir: string): Promise<string> {
  await probe('https://fastdl.mongodb.org/');
  const { MongoBinary } = await import('mongodb-memory-server-core/lib/util/MongoBinary.js');
  return MongoBinary.getPath({ downloadDir });
}

async function probe(url: string): Promise<void> {
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    console.error(
      `${url} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
    process.exit(1);
  }
}
