/** jest globalSetup: real servers for the tests, told through the environment. */
import { startTestServers, type TestServers } from '../../scripts/test-servers.ts';

/** Setup and teardown share nothing but the global object. */
export interface ServersGlobal {
  gheeTestServers?: TestServers;
}

async function startServers(): Promise<void> {
  const servers = await startTestServers((line) => process.stderr.write(`servers: ${line}\n`));
  (globalThis as ServersGlobal).gheeTestServers = servers;
  process.env['GHEE_TEST_MONGODB_URI'] = servers.mongodbUri;
  process.env['GHEE_TEST_TEMPORAL_ADDRESS'] = servers.temporalAddress;
  if (servers.workflowBundle !== undefined) {
    process.env['GHEE_TEST_WORKFLOW_BUNDLE'] = servers.workflowBundle;
  }
}

export { startServers as default };
