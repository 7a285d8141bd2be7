/**
 * The child process: hosts one isolate at a time and speaks lines of JSON over stdin and stdout.
 * It enforces nothing that the parent relies on: time, memory and output are limited from outside.
 * Plain JavaScript, because stripping types would add 32 ms to each restart.
 */
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';
import process from 'node:process';
import { REALM } from './realm.mjs';

const [addonPath = '', limits = '{}'] = process.argv.slice(2);
const { isolateMegabytes, residentBytesMax, resultCharactersMax, outputCharactersMax, pollMs } =
  JSON.parse(limits);
// The prebuilt binary itself: what isolated-vm's entry does, without its search of the file system.
const { ivm } = createRequire(import.meta.url)(addonPath);

/** POSIX niceness, from -20 to 19; the default is 0. */
const NICENESS = 5;
const COPY = { arguments: { copy: true }, result: { copy: true } };

let isolate = new ivm.Isolate({ memoryLimit: isolateMegabytes });

function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** A parent that went away cannot stop us any more: an isolate may be in a loop that nothing else ends. */
function die() {
  process.kill(process.pid, 'SIGKILL');
}

/**
 * What runs here gives way to the process that answers clients; starting did not, so that a restart is quick.
 * The threads that run isolates are made later and inherit this.
 */
function giveWay() {
  try {
    setPriority(NICENESS);
  } catch {
    // The system has no priorities: then it is an equal.
  }
}

/** One call in a realm of its own. Shape: a tagged string, see realm.mjs. */
async function callOnce(source, input) {
  const context = await isolate.createContext();
  const result = await context.evalClosure(REALM, [source, input, resultCharactersMax], COPY);
  context.release();
  return typeof result === 'string' ? result : '!threw';
}

async function runJob({ source, inputs }) {
  const values = [];
  let characters = 0;
  for (const [input, variables] of inputs.entries()) {
    const text = JSON.stringify(variables);
    const result = await callOnce(source, text);
    if (result !== (await callOnce(source, text))) {
      return { kind: 'rejected', code: 'not-deterministic', input };
    }
    if (result.startsWith('!')) return { kind: 'rejected', code: result.slice(1), input };
    if (!result.isWellFormed()) return { kind: 'rejected', code: 'not-literal', input };
    characters += result.length;
    if (characters > outputCharactersMax) return { kind: 'rejected', code: 'too-long', input };
    values.push(result);
  }
  return { kind: 'values', values };
}

async function serve(job) {
  // The isolate works on another thread, so this one still counts. It matters where there is no /proc.
  const poll = setInterval(() => {
    if (process.memoryUsage.rss() > residentBytesMax) send({ kind: 'rejected', code: 'memory' });
  }, pollMs);
  const outcome = await runJob(job).catch(() => ({
    kind: 'rejected',
    code: isolate.isDisposed ? 'memory' : 'threw',
  }));
  clearInterval(poll);
  send(outcome);
  if (!isolate.isDisposed) isolate.dispose();
  isolate = new ivm.Isolate({ memoryLimit: isolateMegabytes });
  send({ kind: 'ready' });
}

let buffered = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  buffered += chunk;
  const end = buffered.indexOf('\n');
  if (end < 0) return;
  const line = buffered.slice(0, end);
  buffered = buffered.slice(end + 1);
  void serve(JSON.parse(line));
});
process.stdin.on('end', die);
process.stdin.on('error', die);
process.stdout.on('error', die);
giveWay();
send({ kind: 'ready' });
