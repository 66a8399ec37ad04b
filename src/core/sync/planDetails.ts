import { throwIfCancelled } from '../base/errors.js';
import { shownText } from '../base/text.js';
import { readable } from '../git/bytePath.js';
import type { Git } from '../git/run.js';
import { changesBetween } from '../git/worktree.js';
import type { TreeChange } from '../git/worktree.js';
import type { Oid } from '../model/observation.js';
import type { Plan, RefChange } from '../model/plan.js';
import type { ChangeDetails, CommitLine, FileLine } from '../model/planDetails.js';
import type { PushChange } from '../model/push.js';
import { sessionRefName } from '../model/session.js';

const mostCommits = 100;
const mostFiles = 200;

/**
 * The commits and files of each change of a plan that changes something, read from home alone; a change whose objects
 * home has not is left out.
 */
export async function readPlanDetails(git: Git, plan: Plan, signal?: AbortSignal): Promise<ChangeDetails[]> {
	const details: ChangeDetails[] = [];
	for (const [side, change] of [
		...plan.refs.map((change) => ['home', change] as const),
		...(plan.push ?? []).map((change) => ['session', change] as const),
	]) {
		throwIfCancelled(signal);
		const tip = tipOf(change);
		const moves = change.action !== 'keep' || change.forecast !== undefined;
		if (moves && tip !== null && (await areThere(git, [tip, change.from]))) {
			const known =
				side === 'home' ? '--branches' : `--glob=refs/homeport/sessions/${sessionRefName(plan.session)}/heads`;
			details.push({ ref: change.ref, side, ...(await detailsOf(git, change, tip, known)) });
		}
	}
	return details;
}

type Change = RefChange | PushChange;

// Where a commit is made only when the plan is applied, what it brings is that of its source.
function tipOf(change: Change): Oid | null {
	const source = change.files !== undefined && 'source' in change.files ? change.files.source : null;
	return change.forecast?.source ?? source ?? change.to;
}

async function areThere(git: Git, oids: readonly (Oid | null)[]): Promise<boolean> {
	const asked = oids.filter((oid) => oid !== null);
	const input = asked.map((oid) => `${oid}^{commit}\n`).join('');
	const found = (await git.text(['cat-file', '--batch-check'], { input })).split('\n');
	return found.every((line) => line.includes(' commit '));
}

async function detailsOf(
	git: Git,
	{ from, lost }: Change,
	tip: Oid,
	/** Names what was there already, where the ref is new. */
	known: string,
): Promise<Pick<ChangeDetails, 'gained' | 'lost' | 'base' | 'tip' | 'files' | 'moreFiles'>> {
	const gained = await commitsOf(git, from === null ? [tip, '--not', known] : [tip, `^${from}`]);
	const base = lost > 0 ? from : await baseOf(git, from, tip, gained);
	const changes = await changesBetween(git, base, tip);
	return {
		gained,
		lost: from === null || lost === 0 ? [] : await commitsOf(git, [from, `^${tip}`]),
		base,
		tip,
		files: changes.slice(0, mostFiles).map(fileLine),
		moreFiles: Math.max(0, changes.length - mostFiles),
	};
}

// A new branch is compared with what its oldest new commit was made on.
async function baseOf(git: Git, from: Oid | null, tip: Oid, gained: readonly CommitLine[]): Promise<Oid | null> {
	if (from !== null || gained.length === mostCommits) {
		return mergeBase(git, from ?? 'HEAD', tip);
	}
	const oldest = gained.at(-1);
	if (oldest === undefined) {
		return tip;
	}
	const parent = await git.run(['rev-parse', '-q', '--verify', `${oldest.oid}^`], { allow: [1, 128] });
	return parent.exitCode === 0 ? parent.stdout.toString('utf8').trim() : null;
}

async function mergeBase(git: Git, one: string, other: Oid): Promise<Oid | null> {
	const found = await git.run(['merge-base', one, other], { allow: [1, 128] });
	return found.exitCode === 0 ? found.stdout.toString('utf8').trim() : null;
}

async function commitsOf(git: Git, revisions: readonly string[]): Promise<CommitLine[]> {
	const listed = await git.list(['log', '-z', `--max-count=${mostCommits}`, '--format=%H %s', ...revisions]);
	return listed
		.filter((line) => line !== '')
		.map((line) => ({
			oid: line.slice(0, line.indexOf(' ')),
			subject: shownText(line.slice(line.indexOf(' ') + 1), 120),
		}));
}

const noFile = '000000';

function fileLine({ path, oldMode, newMode }: TreeChange): FileLine {
	const kind = oldMode === noFile ? 'added' : newMode === noFile ? 'removed' : 'changed';
	return { path: shownText(readable(path)), kind };
}
