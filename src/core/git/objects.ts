import { HomeportError } from '../base/errors.js';
import type { Oid } from '../model/observation.js';
import { parseBatch } from './history.js';
import type { Git } from './run.js';

/** What git tells of an object without reading it. */
export interface ObjectFacts {
	readonly oid: Oid;
	readonly type: string;
	readonly size: number;
}

/** Reads single objects of a repository. Nothing is fetched, also where the repository is a partial clone. */
export interface ObjectReader {
	/** What an object id, or one with `^{tree}`, names; null where there is no such object here. */
	facts(name: string): Promise<ObjectFacts | null>;
	/** The object's bytes. Fails with `content-missing` where they are not here. */
	read(object: ObjectFacts): Promise<Buffer>;
}

const mostAtOnce = 500;
const mostBytesAtOnce = 32 * 1024 * 1024;

/** A reader that asks git once for all that is asked while it waits for git. */
export function createObjectReader(repository: Git): ObjectReader {
	const git = repository.with({ env: { GIT_ALLOW_PROTOCOL: 'none' } });

	const look = async (names: readonly string[]): Promise<(ObjectFacts | null)[]> => {
		const answer = await batch(git, '--batch-check', names);
		return answer === null ? oneByOne(names, look) : answer.toString('utf8').split('\n').slice(0, -1).map(factsOf);
	};

	const load = async (objects: readonly ObjectFacts[]): Promise<(Buffer | null)[]> => {
		const found: (Buffer | null)[] = [];
		for (const group of groups(objects)) {
			const answer = await batch(
				git,
				'--batch',
				group.map(({ oid }) => oid),
			);
			found.push(...(answer === null ? await oneByOne(group, load) : parseBatch(answer, group.length)));
		}
		return found;
	};

	const loaded = inBatches(load);
	return {
		facts: inBatches(look),
		read: async (object) => {
			const bytes = await loaded(object);
			if (bytes === null) {
				throw new HomeportError('content-missing', { oid: object.oid });
			}
			return bytes;
		},
	};
}

// One object that git dies of, as of one that a promisor has, says nothing about the others.
async function oneByOne<Q, A>(
	questions: readonly Q[],
	ask: (questions: readonly Q[]) => Promise<(A | null)[]>,
): Promise<(A | null)[]> {
	const answers: (A | null)[] = [];
	for (const question of questions) {
		answers.push(questions.length === 1 ? null : ((await ask([question]))[0] ?? null));
	}
	return answers;
}

async function batch(git: Git, how: string, names: readonly string[]): Promise<Buffer | null> {
	const input = names.map((name) => `${name}\n`).join('');
	const answer = await git.run(['cat-file', how], { input, allow: [128] });
	return answer.exitCode === 0 ? answer.stdout : null;
}

function factsOf(line: string): ObjectFacts | null {
	const [, oid, type, size] = /^([0-9a-f]+) (blob|tree|commit|tag) (\d+)$/.exec(line) ?? [];
	return oid === undefined || type === undefined ? null : { oid, type, size: Number(size) };
}

function groups(objects: readonly ObjectFacts[]): ObjectFacts[][] {
	const all: ObjectFacts[][] = [[]];
	let bytes = 0;
	for (const object of objects) {
		bytes += object.size;
		if (bytes > mostBytesAtOnce && all.at(-1)!.length > 0) {
			all.push([]);
			bytes = object.size;
		}
		all.at(-1)!.push(object);
	}
	return all;
}

/** Asks one at a time; what is asked meanwhile is asked together afterwards. */
function inBatches<Q, A>(ask: (questions: readonly Q[]) => Promise<readonly A[]>): (question: Q) => Promise<A> {
	const waiting: { question: Q; resolve: (answer: A) => void; reject: (error: unknown) => void }[] = [];
	let asking = false;
	const askAll = async (): Promise<void> => {
		while (waiting.length > 0) {
			const asked = waiting.splice(0, mostAtOnce);
			try {
				const answers = await ask(asked.map(({ question }) => question));
				asked.forEach(({ resolve }, index) => resolve(answers[index]!));
			} catch (error) {
				asked.forEach(({ reject }) => reject(error));
			}
		}
		asking = false;
	};
	return (question) =>
		new Promise((resolve, reject) => {
			waiting.push({ question, resolve, reject });
			if (!asking) {
				asking = true;
				void askAll();
			}
		});
}
