import { HomeportError } from '../base/errors.js';
import type { Oid } from '../model/observation.js';
import { readable } from './bytePath.js';
import type { HomeRepository } from './home.js';
import { type WrittenMail, writeMail } from './mail.js';
import { createQuarantine } from './quarantine.js';
import type { Git } from './run.js';
import { emptyTree } from './worktree.js';

/** One patch to be: the commit that it is by, and the trees between which it leads. */
export interface Step {
	readonly commit: Oid;
	readonly from: Oid;
	readonly to: Oid;
	/** Takes the place of the commit's own message. */
	readonly subject?: string;
}

/** The commits of a branch that another commit does not have, parents first. */
export interface SeriesSteps {
	readonly base: Oid | null;
	readonly steps: readonly Step[];
	readonly merges: number;
	readonly empty: number;
}

/**
 * What `tip` has and `onto` has not; all of it where the two have no commit in common, or `onto` is null. Merges and
 * commits that change no file are counted alone.
 */
export async function seriesSteps(git: Git, tip: Oid, onto: Oid | null): Promise<SeriesSteps> {
	const found = onto === null ? null : await git.run(['merge-base', onto, tip], { allow: [1] });
	const base = found?.exitCode === 0 ? found.stdout.toString('utf8').trim() : null;
	const range = base === null ? [tip] : [tip, `^${onto}`];
	const order = ['--topo-order', '--reverse', '--boundary', '--format=%m %H %T %P'];
	const listed = (await git.text(['log', ...order, '--end-of-options', ...range])).split('\n');
	const commits = listed.filter((line) => line !== '').map((line) => line.split(' '));
	const trees = new Map(commits.map(([, oid = '', tree = '']) => [oid, tree]));
	const none = await emptyTree(git);
	const own = commits.filter(([mark]) => mark !== '-');
	const single = own.filter(([, , , ...parents]) => parents.filter((parent) => parent !== '').length < 2);
	const steps = single
		.map(([, commit = '', to = '', parent = '']) => ({
			commit,
			from: parent === '' ? none : (trees.get(parent) ?? `${parent}^{tree}`),
			to,
		}))
		.filter(({ from, to }) => from !== to);
	return { base, steps, merges: own.length - single.length, empty: single.length - steps.length };
}

const atOnce = 100;
/** A longer text is more than one string can hold, once it is encoded. */
const mostPatchBytes = 128 * 1024 * 1024;
const lastDate = 4_102_444_800;
const fields = ['%an', '%ae', '%at', '%aD', '%s', '%b'];

/**
 * Writes the patches one after the other. git runs in a throw-away repository that borrows home's objects, so that no
 * configuration and no attribute of home, of the user or of the session has a say in what a patch looks like. Fails with
 * `limit-exceeded` at a patch of more than 128 MiB.
 */
export async function* seriesMails(
	home: HomeRepository,
	steps: readonly Step[],
	signal?: AbortSignal,
): AsyncGenerator<WrittenMail> {
	const quarantine = await createQuarantine(home);
	const git = quarantine.git.with({
		env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_ATTR_NOSYSTEM: '1' },
		config: [
			['core.attributesFile', '/dev/null'],
			['core.bigFileThreshold', '512m'],
			['core.quotePath', 'true'],
		],
	});
	const stop = signal === undefined ? {} : { signal };
	try {
		for (let first = 0; first < steps.length; first += atOnce) {
			const some = steps.slice(first, first + atOnce);
			const told = await git.run(
				['log', '--no-walk=unsorted', '--stdin', '-z', '--encoding=UTF-8', `--format=${fields.join('%x00')}`],
				{ input: some.map(({ commit }) => `${commit}\n`).join(''), ...stop },
			);
			const texts = told.stdout.toString('latin1').split('\0');
			for (const [index, step] of some.entries()) {
				const [name, email, seconds, date, subject, body] = texts.slice(index * fields.length) as Texts;
				yield writeMail({
					oid: step.commit,
					name: readable(name),
					email: readable(email),
					// git-am(1) knows no other dates.
					date: Number(seconds) >= 0 && Number(seconds) < lastDate ? date : null,
					subject: step.subject ?? readable(subject),
					body: step.subject === undefined ? body : '',
					patch: await patchBetween(git, step, stop),
					number: first + index + 1,
					total: steps.length,
				});
			}
		}
	} finally {
		await quarantine.discard();
	}
}

type Texts = [name: string, email: string, seconds: string, date: string, subject: string, body: string];

async function patchBetween(git: Git, { commit, from, to }: Step, stop: { signal?: AbortSignal }): Promise<string> {
	const form = ['-p', '--binary', '--full-index', '-M', '--no-color', '--submodule=short', '--ignore-submodules=none'];
	const { stdout } = await git.run(['diff-tree', ...form, '--end-of-options', from, to], stop);
	if (stdout.length > mostPatchBytes) {
		throw new HomeportError('limit-exceeded', { what: `The patch of ${commit}`, limit: '128 MiB' });
	}
	return stdout.toString('latin1');
}
