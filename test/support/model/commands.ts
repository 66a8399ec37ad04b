import { homeSteps } from './homeSteps.js';
import { homeportSteps } from './homeportSteps.js';
import { pick, seededRandom } from './random.js';
import { bareSteps, sessionSteps } from './sessionSteps.js';
import type { StepTable } from './steps.js';
import type { PlaceKind, SessionName } from './world.js';

/** One step of a sequence as data: what its numbers mean is decided by the state that it meets. */
export interface Command {
	readonly actor: SessionName | 'home' | 'homeport';
	readonly step: string;
	readonly numbers: readonly number[];
}

/** A whole sequence: the world that it starts with, and its commands. */
export interface Sequence {
	readonly seed: number;
	readonly kinds: Readonly<Record<SessionName, PlaceKind>>;
	readonly commands: readonly Command[];
}

const numbersOfCommand = 6;

/** The sequence of a seed; its sessions are of the kinds that the seed says, or in pods. */
export function makeSequence(seed: number, length = 12, where: 'here' | 'pods' = 'here'): Sequence {
	const random = seededRandom(seed);
	const here = { alpha: kindOf(random()), beta: kindOf(random() * 0.8) };
	const kinds = where === 'here' ? here : ({ alpha: 'pod', beta: 'pod' } as const);
	const commands = Array.from({ length }, (_, index) => makeCommand(random, kinds, index / length));
	return { seed, kinds, commands: where === 'here' ? commands : commands.map(overStreams) };
}

// A third of what Homeport does meets a fault on the way.
function overStreams(command: Command): Command {
	const [, , , , , f = 1] = command.numbers;
	return command.actor === 'homeport' && f < 0.33 ? { ...command, step: 'cut-sync' } : command;
}

function kindOf(number: number): PlaceKind {
	return number < 0.65 ? 'clone' : number < 0.78 ? 'worktree' : number < 0.88 ? 'bare' : 'home-worktree';
}

function makeCommand(random: () => number, kinds: Sequence['kinds'], progress: number): Command {
	const kind = random();
	const numbers = (): number[] => Array.from({ length: numbersOfCommand }, () => Math.round(random() * 1000) / 1000);
	if (kind < 0.42) {
		const actor = random() < 0.65 ? 'alpha' : 'beta';
		const steps = kinds[actor] === 'bare' ? bareSteps : sessionSteps;
		return { actor, step: weighted(steps, random()), numbers: numbers() };
	}
	if (kind < 0.58) {
		return { actor: 'home', step: weighted(homeSteps, random()), numbers: numbers() };
	}
	// Undo and forget have something to work on only after a while.
	const step = weighted(homeportSteps, random());
	const late = progress > 0.3 || !['undo', 'forget', 'undo-older', 'kill-undo', 'kill-forget'].includes(step);
	return { actor: 'homeport', step: late ? step : 'sync', numbers: numbers() };
}

function weighted(table: StepTable<unknown>, number: number): string {
	const names = Object.entries(table).flatMap(([name, { weight }]) => Array.from({ length: weight }, () => name));
	return pick(names, number);
}

/** A command as one short line. */
export function describeCommand({ actor, step, numbers }: Command): string {
	return `${actor} ${step} ${numbers.join(' ')}`;
}
