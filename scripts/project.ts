/** `npx ghee project create NAME`: a tenant, and the key that its callers send as `Butter-Auth`. */
import { Command } from 'commander';
import { randomBytes } from 'node:crypto';
import { createKeyedHash, projectKeyHash, readOrMakeSecret } from '../adapters/caller.ts';
import { loadConfig } from '../adapters/config.ts';
import { connectMongo } from '../adapters/mongo/connect.ts';
import { saveProject } from '../adapters/mongo/project-store.ts';
import { explain } from './problem.ts';

const KEY_BYTES = 24;

async function create(name: string): Promise<void> {
  const config = loadConfig(process.env);
  const keyedHash = createKeyedHash(config.secret?.reveal() ?? readOrMakeSecret(config.home));
  const database = connectMongo({ uri: config.mongodbUri, database: config.mongodbDatabase });
  const key = `ghee_${randomBytes(KEY_BYTES).toString('base64url')}`;
  try {
    const keys = [{ hash: projectKeyHash(keyedHash, key), label: 'first', at: Date.now() }];
    await saveProject(database, {
      id: `project_${randomBytes(8).toString('hex')}`,
      name,
      keys,
      settings: [],
    });
  } finally {
    await database.close();
  }
  console.log(
    `Project ${name} is made. Its callers send this header; the key is not shown again:\n\n  Butter-Auth: Bearer ${key}\n`,
  );
}

const program = new Command('ghee project').showHelpAfterError();
program.command('create <name>').description('make a project and its key').action(create);
try {
  await program.parseAsync();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
