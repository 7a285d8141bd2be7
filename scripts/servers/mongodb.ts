/**
 * MongoDB: the replica set given by URI, a real mongod as a replica set of one, or SecantusDB (the
 * MongoDB wire protocol on WiredTiger, from PyPI). Their files differ, so a home keeps its engine.
 */
import type { Document, MongoClient } from 'mongodb';
import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../problem.ts';
import type { Service } from '../supervisor.ts';
import type { PlanContext, ServerPlan } from './plan.ts';
import { download, findPipTool, installWithPip, pipToolEnvironment, versionOf } from './tools.ts';
import type { PipTool } from './tools.ts';

export interface MongodbSettings {
  readonly mongodbUri: string;
  readonly isMongodbEmbedded: boolean;
  readonly mongodbPort: number;
}

type Engine =
  | { readonly kind: 'mongod'; readonly binary: string; readonly source: string }
  | { readonly kind: 'secantusdb'; readonly tool: PipTool; readonly source: string };

const PIP_SPEC = 'secantusdb==0.7.0b3';
const GIVEN_TIMEOUT_MS = 10_000;
const REPLICA_SET = 'ghee';
const NOT_YET_INITIALIZED = 94;
const INVALID_REPLICA_SET_CONFIG = 93;

/** Errors: Problem when a given server does not answer, or no source has the binary. */
export async function planMongodb(
  settings: MongodbSettings,
  context: PlanContext,
): Promise<ServerPlan> {
  const { mongodbUri: address } = settings;
  if (!settings.isMongodbEmbedded) {
    await checkGiven(address);
    return { address, source: 'MONGODB_URI', service: undefined };
  }
  const engine = await findEngine(context);
  const folder = dataFolder(engine.kind, context.home);
  mkdirSync(folder, { recursive: true });
  const service: Service = {
    name: 'mongodb',
    ...(engine.kind === 'mongod'
      ? mongodCommand(engine.binary, folder, settings.mongodbPort)
      : secantusCommand(engine.tool, folder, settings.mongodbPort)),
    cwd: folder,
    hasIpc: false,
    layer: 0,
    ready: (_child, signal) => untilPrimary(settings, engine.kind === 'mongod', signal),
  };
  return { address, source: engine.source, service };
}

function mongodCommand(command: string, folder: string, port: number) {
  const args = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1'];
  return { command, args: [...args, '--replSet', REPLICA_SET, '--nounixsocket'] };
}

function secantusCommand(tool: PipTool, folder: string, port: number) {
  const args = ['-m', 'secantus', '--host', '127.0.0.1', '--port', String(port)];
  return {
    command: tool.python,
    args: [...args, '--storage-path', folder, '--sync-on-commit', '--log-level', 'WARNING'],
    env: pipToolEnvironment(tool),
  };
}

/** The engine that wrote this home's data, if any; else the first source that has one. */
async function findEngine(context: PlanContext): Promise<Engine> {
  if (existsSync(dataFolder('secantusdb', context.home))) return secantusEngine(context);
  const onPath = await findOnPath();
  if (onPath !== undefined) return onPath;
  const hasMongodData = existsSync(dataFolder('mongod', context.home));
  const earlier = hasMongodData ? undefined : findPipTool(PIP_SPEC, context);
  if (earlier !== undefined) return secantusEngine(context);
  const binary = await download('mongod', context);
  if (binary !== undefined) return { kind: 'mongod', binary, source: 'download from mongodb.com' };
  if (hasMongodData) {
    throw new Problem(
      `The data in ${dataFolder('mongod', context.home)} was written by mongod, which is neither on PATH nor to be downloaded now. Install MongoDB so that \`mongod\` is on PATH, or move that folder away to begin with an empty tree, then start again.`,
    );
  }
  return secantusEngine(context);
}

async function findOnPath(): Promise<Engine | undefined> {
  const version = /v(\d+)\.[\d.]+/.exec((await versionOf('mongod')) ?? '');
  // Older ones lack parts of the protocol that the driver asks for.
  if (version === null || Number(version[1]) < 5) return undefined;
  return { kind: 'mongod', binary: 'mongod', source: `PATH (mongod ${version[0]})` };
}

async function secantusEngine(context: PlanContext): Promise<Engine> {
  const tool =
    findPipTool(PIP_SPEC, context) ?? (await installWithPip(PIP_SPEC, 'mongod', context));
  return { kind: 'secantusdb', tool, source: `PyPI (${PIP_SPEC})` };
}

function dataFolder(engine: Engine['kind'], home: string): string {
  return path.join(home, 'data', engine);
}

async function checkGiven(uri: string): Promise<void> {
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: GIVEN_TIMEOUT_MS });
  const advice = 'or unset MONGODB_URI to use an embedded server';
  let hello: Document;
  try {
    hello = await client.db('admin').command({ hello: 1 });
  } catch (error) {
    // The driver's message may hold the URI's host, never its password.
    throw new Problem(
      `The MongoDB of MONGODB_URI does not answer: ${error instanceof Error ? error.message : String(error)}. Start it, correct MONGODB_URI, ${advice}.`,
      { cause: error },
    );
  } finally {
    await client.close();
  }
  if (hello['setName'] === undefined && hello['msg'] !== 'isdbgrid') {
    throw new Problem(
      `The MongoDB of MONGODB_URI is a standalone server, and Ghee needs change streams and transactions. Start it with --replSet and run rs.initiate() once, ${advice}.`,
    );
  }
}

/** Ready means: a write would be taken. A fresh mongod is made a replica set on the way. */
async function untilPrimary(settings: MongodbSettings, isMongod: boolean, signal: AbortSignal) {
  // A MongoClient whose first connection fails is closed for good, so the port is tried before.
  while (!signal.aborted && !(await isListening(settings.mongodbPort))) await sleep(25);
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(settings.mongodbUri, { serverSelectionTimeoutMS: 5000 });
  try {
    while (!signal.aborted) {
      const hello = await client.db('admin').command({ hello: 1 });
      if (hello['isWritablePrimary'] === true) return;
      if (isMongod) await formReplicaSet(client, settings.mongodbPort);
      await sleep(40);
    }
  } finally {
    await client.close();
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

/** Initiates once; a changed port makes the old configuration name another server, so it is replaced. */
async function formReplicaSet(client: MongoClient, port: number): Promise<void> {
  const config = { _id: REPLICA_SET, members: [{ _id: 0, host: `127.0.0.1:${port}` }] };
  try {
    await client.db('admin').command({ replSetGetStatus: 1 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const admin = client.db('admin');
    if (code === NOT_YET_INITIALIZED) await admin.command({ replSetInitiate: config });
    if (code === INVALID_REPLICA_SET_CONFIG) {
      const version = Date.now() % 2 ** 31; // Higher than before is all it must be.
      await admin.command({ replSetReconfig: { ...config, version }, force: true });
    }
  }
}
