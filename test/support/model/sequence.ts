import { bareSteps, sessionSteps } from './sessionSteps.js';
import type { Command, Sequence } from './commands.js';
import { describeCommand } from './commands.js';
import { homeSteps } from './homeSteps.js';
import { homeportSteps } from './homeportSteps.js';
import { requireReachable, requireSurvivesCollection } from './invariants.js';
import { createWorld, removeWorld, type World } from './world.js';

/** What went wrong in a sequence, and after which command. */
export interface Failure {
	readonly sequence: Sequence;
	/** The number of commands that were done, the failing one included. */
	readonly done: number;
	readonly error: string;
}

/** Runs a sequence in a world of its own; null when all that must hold has held. */
export async function runSequence(sequence: Sequence): Promise<Failure | null> {
	const world = await createWorld(sequence.kinds);
	let done = 0;
	try {
		for (const command of sequence.commands) {
			done += 1;
			await runCommand(world, command);
		}
		done += 1;
		requireSurvivesCollection(world);
		return null;
	} catch (error) {
		return { sequence, done, error: error instanceof Error ? String(error.stack) : String(error) };
	} finally {
		await removeWorld(world);
	}
}

async function runCommand(world: World, { actor, step, numbers }: Command): Promise<void> {
	if (actor === 'homeport') {
		await stepOf(homeportSteps, step).run(world, numbers);
	} else if (actor === 'home') {
		stepOf(homeSteps, step).run(world, numbers);
		if (/gc|branch|reset/.test(step)) {
			requireReachable(world);
		}
	} else {
		const place = world.places[actor];
		stepOf(place.kind === 'bare' ? bareSteps : sessionSteps, step).run(world, place, numbers);
	}
}

function stepOf<T>(table: Readonly<Record<string, T>>, name: string): T {
	const step = table[name];
	if (step === undefined) {
		throw new Error(`there is no step "${name}"`);
	}
	return step;
}

/** Leaves out what the failure does not need, as long as `budgetMs` lasts. */
export async function shrink(failure: Failure, budgetMs: number): Promise<Failure> {
	const deadline = performance.now() + budgetMs;
	let smallest: Failure = {
		...failure,
		sequence: cut(failure.sequence, failure.sequence.commands.slice(0, failure.done)),
	};
	for (let index = smallest.sequence.commands.length - 2; index >= 0 && performance.now() < deadline; index -= 1) {
		const commands = smallest.sequence.commands.filter((_, position) => position !== index);
		const again = await runSequence(cut(smallest.sequence, commands));
		if (again !== null && firstLine(again) === firstLine(smallest)) {
			smallest = again;
		}
	}
	return smallest;
}

function cut(sequence: Sequence, commands: readonly Command[]): Sequence {
	return { ...sequence, commands };
}

function firstLine(failure: Failure): string {
	return failure.error.split('\n', 1)[0]!;
}

/** A failure as text: the seed, the world, the commands and what was broken. */
export function describeFailure({ sequence, done, error }: Failure): string {
	const lines = sequence.commands.map(
		(command, index) => `${index + 1 === done ? '>' : ' '} ${describeCommand(command)}`,
	);
	const kinds = `alpha ${sequence.kinds.alpha}, beta ${sequence.kinds.beta}`;
	return [`seed ${sequence.seed} (${kinds}), command ${done}`, ...lines, error].join('\n');
}
