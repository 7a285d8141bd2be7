/** Small edits of code, as coding agents ask for them. */
import { behaviours, VARIED_REQUESTS, type Behaviour } from './behaviour.ts';
import { int, pick, sample, type Random } from './random.ts';
import { ask, Talk, tool, type Setting } from './talk.ts';
import { capitalise } from './values.ts';
import { IDENTIFIERS, MODULES } from './vocabulary.ts';

const EDITOR: Setting = {
  system: 'You edit code. Reply with the whole changed code in one fenced block and nothing else.',
  parameters: { temperature: 0 },
};

const WORKSPACE: Setting = {
  system: 'You are a coding agent in a TypeScript repository. Change files only with the tools.',
  tools: [
    tool('replace', 'Replace a text in a file', { path: 'string', old: 'string', new: 'string' }),
    tool('run_tests', 'Run the tests of one folder', { folder: 'string' }),
  ],
};

const fenced = (language: string, code: string): string => `\`\`\`${language}\n${code}\n\`\`\``;

function rename(random: Random): Talk {
  const [from, to] = sample(random, IDENTIFIERS, 2) as [string, string];
  const body = (name: string): string => `const ${name} = load();\nif (${name} > 0) save(${name});`;
  return ask(
    random,
    EDITOR,
    `Rename \`${from}\` to \`${to}\` in:\n${fenced('ts', body(from))}`,
    fenced('ts', body(to)),
  );
}

function constant(random: Random): Talk {
  const name = pick(random, IDENTIFIERS).replace(/[A-Z]/g, '_$&').toUpperCase();
  const [before, after] = [int(random, 1, 90), int(random, 100, 900)];
  return ask(
    random,
    EDITOR,
    `Change the value to ${after}:\n${fenced('python', `${name} = ${before}`)}`,
    fenced('python', `${name} = ${after}`),
  );
}

function moveImport(random: Random): Talk {
  const [name, [from, to]] = [pick(random, IDENTIFIERS), sample(random, MODULES, 2)];
  return ask(
    random,
    EDITOR,
    `The import moved from '${from}' to '${to}'.\n${fenced('ts', `import { ${name} } from './${from}.ts';`)}`,
    fenced('ts', `import { ${name} } from './${to}.ts';`),
  );
}

function docstring(random: Random): Talk {
  const [name, a, b] = sample(random, IDENTIFIERS, 3) as [string, string, string];
  const head = `def ${name}(${a}, ${b}):`;
  return ask(
    random,
    EDITOR,
    `Add a docstring with one line for each parameter.\n${fenced('python', `${head}\n    return ${a} + ${b}`)}`,
    fenced(
      'python',
      `${head}\n    """Adds its parameters.\n\n    ${a}: the first summand\n    ${b}: the second summand\n    """\n    return ${a} + ${b}`,
    ),
  );
}

function yamlKey(random: Random): Talk {
  const [module, replicas] = [pick(random, MODULES), int(random, 2, 40)];
  const port = int(random, 3000, 9000);
  return ask(
    random,
    EDITOR,
    `Scale ${module} to ${replicas} replicas.\n${fenced('yaml', `service: ${module}\nreplicas: 1\nport: ${port}`)}`,
    fenced('yaml', `service: ${module}\nreplicas: ${replicas}\nport: ${port}`),
  );
}

function agentReplace(random: Random): Talk {
  const [from, to] = sample(random, IDENTIFIERS, 2) as [string, string];
  const folder = pick(random, MODULES);
  const passed = int(random, 3, 240);
  return new Talk(random, WORKSPACE)
    .user(`In src/${folder}/main.ts rename ${from} to ${to}, then run the tests.`)
    .callsTools(['replace', { path: `src/${folder}/main.ts`, old: from, new: to }])
    .returns('replaced')
    .callsTools(['run_tests', { folder: `src/${folder}` }])
    .returns(`${passed} passed, 0 failed`)
    .answers(`I renamed ${from} to ${to} in src/${folder}/main.ts; ${passed} tests pass.`);
}

function component(random: Random): Talk {
  const name = capitalise(pick(random, IDENTIFIERS));
  return ask(
    random,
    EDITOR,
    pick(random, [
      `Create an empty React component called ${name}.`,
      `I need a React component named ${name}`,
      `New React component: ${name}`,
      `Please write a minimal React component ${name} that renders nothing.`,
    ]),
    fenced('tsx', `export function ${name}() {\n  return null;\n}`),
  );
}

export const CODE: readonly Behaviour[] = [
  ...behaviours('code', {
    'code-rename': rename,
    'code-constant': constant,
    'code-move-import': moveImport,
    'code-docstring': docstring,
    'code-yaml': yamlKey,
    'code-agent-replace': agentReplace,
  }),
  ...behaviours('code', { 'code-component': component }, VARIED_REQUESTS),
];
