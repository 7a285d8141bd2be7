/** How the parameters of two requests differ, for people. */

/** Longer ones, such as tools, are only named. */
const SHOWN_CHARACTERS_MAX = 40;

/** Of canonical texts (`Scope.parameters`); one for each parameter that differs. */
export function differingParameters(locked: string, asked: string): readonly string[] {
  const [before, after] = [parametersOf(locked), parametersOf(asked)];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === is) return [];
    const shown = [was, is].map((text) => text ?? 'not given');
    return shown.some((text) => text.length > SHOWN_CHARACTERS_MAX)
      ? [name]
      : [`${name}: ${shown.join(' in the lock file, ')} here`];
  });
}

function parametersOf(text: string): ReadonlyMap<string, string> {
  const parsed: unknown = JSON.parse(`{${text}}`);
  const entries = Object.entries(parsed as object);
  return new Map(entries.map(([name, value]) => [name, JSON.stringify(value)]));
}
