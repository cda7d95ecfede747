/** Attempts of one run to be seen by others, and the two workflows that try them. */
import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import type { Attack, Family } from './attack';
import { builtInAttacks } from './built-ins';
import { engineAttacks } from './engine';
import { globalAttacks } from './globals';
import { hostAttacks } from './host';
import { moduleAttacks } from './modules';
import { prototypeAttacks } from './prototypes';

/** All attacks, by what they are aimed at. */
export const attackFamilies: Readonly<Record<string, Family>> = {
  'The global object': globalAttacks,
  'Built-in functions': builtInAttacks,
  'Built-in prototypes': prototypeAttacks,
  'Modules and webpack': moduleAttacks,
  'Objects of the host': hostAttacks,
  'The engine, and later': engineAttacks,
};

const attacks: Family = Object.assign({}, ...Object.values(attackFamilies)) as Family;
export const attackNames = Object.keys(attacks);

export function attackNamed(name: string): Attack {
  const found = attacks[name];
  if (found === undefined) throw new Error(`There is no attack '${name}'`);
  return found;
}

/** The argument is looked at by nobody; it makes the signal carry a payload. */
export const proceed = defineSignal<[string]>('proceed');
export const finish = defineSignal('finish');
/** The attacks that a run saw so far. */
export const seen = defineQuery<string[]>('seen');

export interface AttackResult {
  /** Why the attack did not come about. */
  refusal: string | null;
  /** Whether the attacker saw it itself, at once and after other runs had been executed. */
  atOnce: boolean;
  later: boolean;
}

/** Whether the run that calls this sees anything of an attack. What it cannot even reach it does not see. */
function sees({ trace }: Attack): boolean {
  try {
    return trace() !== undefined;
  } catch {
    return false;
  }
}

/** Attacks at its start, or with its first signal, and stays until it is told to finish; then it may clean up. */
export async function attacker(name: string, cleansUp: boolean): Promise<AttackResult> {
  const chosen = attackNamed(name);
  let signalled = false;
  let finished = false;
  setHandler(proceed, () => void (signalled = true));
  setHandler(finish, () => void (finished = true));
  let refusal: string | null = null;
  try {
    await chosen.attack(condition(() => signalled));
  } catch (err) {
    refusal = err instanceof Error ? err.message : String(err);
  }
  const atOnce = sees(chosen);
  await condition(() => finished);
  const later = sees(chosen);
  if (cleansUp && refusal === null) chosen.undo?.();
  return { refusal, atOnce, later };
}

/** The attacks that this run sees something of. */
export async function inspector(): Promise<string[]> {
  return attackNames.filter((name) => sees(attackNamed(name)));
}

/** Looks for every attack, at its start and with each signal. */
export async function victim(): Promise<void> {
  const found = new Set<string>();
  let finished = false;
  const lookAround = async (): Promise<void> => (await inspector()).forEach((name) => void found.add(name));
  setHandler(seen, () => [...found]);
  setHandler(proceed, lookAround);
  setHandler(finish, () => void (finished = true));
  await lookAround();
  await condition(() => finished);
}

export { decisions } from './decisions';
export { type Reach, passBy, reaches } from './reachable';
