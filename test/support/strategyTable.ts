import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHomeportError } from '../../src/core/base/errors.js';
import type { Direction, RefChange, Strategy, SyncRequest } from '../../src/core/model/plan.js';
import type { SyncResult } from '../../src/core/model/report.js';
import { unaccepted } from '../../src/core/model/warning.js';
import { type Situation, situation, situations } from './situations.js';

const strategies: readonly Strategy[] = ['branch', 'merge', 'overwrite', 'exclude'];
const sources = join(process.cwd(), 'test/fixtures/strategyTable.txt');

/** Everything of a repository that is its user's: refs, HEAD, index and files. */
async function stateOf({ git }: Situation, dir: string): Promise<string> {
	const parts = await Promise.all([
		git(dir, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags', 'refs/stash'),
		git(dir, 'symbolic-ref', '-q', 'HEAD').catch(() => git(dir, 'rev-parse', 'HEAD')),
		git(dir, 'ls-files', '-s'),
		git(dir, 'status', '--porcelain', '-uall'),
		git(dir, 'diff'),
		git(dir, 'ls-files', '-o', '--exclude-standard', '-z').then((names) =>
			names
				.split('\0')
				.filter((name) => name !== '')
				.map((name) => `${name}: ${readFileSync(join(dir, name), 'utf8')}`)
				.join('\n'),
		),
	]);
	return parts.join('\n--\n');
}

/** Every commit that a branch of these repositories has. */
async function everyCommit({ git }: Situation, ...dirs: readonly string[]): Promise<Set<string>> {
	const lists = await Promise.all(dirs.map((dir) => git(dir, 'rev-list', '--branches', 'HEAD')));
	return new Set(lists.flatMap((list) => list.split('\n')));
}

async function requireAllKept(made: Situation, commits: ReadonlySet<string>, label: string): Promise<void> {
	const kept = new Set((await made.git(made.home, 'rev-list', '--all')).split('\n'));
	const lost = [...commits].filter((oid) => !kept.has(oid));
	assert.deepStrictEqual(lost, [], `${label}: commits that home no longer has`);
}

/** What was asked, and what moved once all of it was accepted. */
async function rowOf(made: Situation, name: string, request: SyncRequest): Promise<string> {
	const { homeport, home, alpha } = made;
	const label = `${request.strategy} ${request.direction} ${name}`;
	const session = await homeport.find('alpha');
	const commits = await everyCommit(made, home, alpha);
	const before = await bothStates(made);
	const first = await homeport.sync(session, request, async () => ({ proceed: true, accepted: [] }));
	await requireAllKept(made, commits, label);
	const asked = unaccepted(first.warnings, new Set());
	let result = first;
	if (first.outcome === 'refused') {
		assert.deepStrictEqual(await bothStates(made), before, `${label}: something was changed although it was refused`);
		result = await homeport.sync(session, request, async () => ({ proceed: true, accepted: asked }));
		await requireAllKept(made, commits, label);
	}
	assert.equal(result.error, null, label);
	if (request.direction === 'home') {
		assert.equal((await bothStates(made)).alpha, before.alpha, `${label}: the session was changed`);
	}
	if (request.direction === 'session') {
		assert.equal((await bothStates(made)).home, before.home, `${label}: home was changed`);
	}
	while (await undone(made)) {
		await requireAllKept(made, commits, label);
	}
	assert.deepStrictEqual(await bothStates(made), before, `${label}: the undo did not bring back what was`);
	return [name, request.strategy, request.direction, asked.join(' ') || '-', movedBy(result)].join(' | ');
}

async function bothStates(made: Situation): Promise<{ readonly home: string; readonly alpha: string }> {
	return { home: await stateOf(made, made.home), alpha: await stateOf(made, made.alpha) };
}

async function undone({ homeport }: Situation): Promise<boolean> {
	try {
		return (await homeport.undo(null, { accepted: ['built-on', 'merge-worked-on'] })).outcome === 'done';
	} catch (error) {
		assert.ok(isHomeportError(error, 'nothing-to-undo'), String(error));
		return false;
	}
}

function movedBy(result: SyncResult): string {
	const moved = (changes: readonly Pick<RefChange, 'ref' | 'action'>[], where: string): string[] =>
		changes
			.filter(({ action }) => action !== 'keep')
			.map(({ ref, action }) => `${where}${action} ${ref.replace('refs/heads/', '')}`);
	const moves = [...moved(result.refs, ''), ...moved(result.push ?? [], 'there: ')];
	return [...moves, ...(result.opened === undefined ? [] : ['open merge'])].join(', ') || result.outcome;
}

// What `npm test` goes through of the table; the long run does all of it. Both ways is one direction after the other.
const sampled: Readonly<Record<Direction, readonly string[]>> = {
	home: [
		'ahead',
		'diverged',
		'conflicting',
		'rewound',
		'elsewhere',
		'dirty home',
		'home merging',
		'name clash',
		'BUG-003',
	],
	session: ['behind', 'diverged', 'conflicting', 'rewound', 'dirty session'],
	both: ['diverged', 'conflicting', 'dirty session'],
};

/** Tests of one direction: a row of the table for each strategy in each situation, and BUG-003 in both orders. */
export function describeDirection(direction: Direction): void {
	describe(`every strategy in the direction ${direction}`, function () {
		this.timeout(0);
		const names = process.env['HOMEPORT_LONG'] === '1' ? Object.keys(situations) : sampled[direction];
		const rows: string[] = [];
		const expected = readFileSync(sources, 'utf8')
			.split('\n')
			.filter((line) => line.includes(` | ${direction} | `) && names.includes(line.slice(0, line.indexOf(' | '))));

		for (const name of names) {
			it(`${name}: asks, moves and keeps what the table says`, async () => {
				const found: string[] = [];
				for (const strategy of strategies) {
					const made = await situation(name);
					try {
						found.push(await rowOf(made, name, { strategy, direction, branch: null, from: null }));
					} finally {
						await made.dispose();
					}
				}
				rows.push(...found);
				assert.deepStrictEqual(
					found,
					expected.filter((line) => line.startsWith(`${name} | `)),
				);
			});
		}

		for (const order of [
			['alpha', 'beta'],
			['beta', 'alpha'],
		]) {
			it(`BUG-003, ${order.join(' before ')}: loses no commit and no file of anyone, whatever is asked for`, async () => {
				for (const strategy of strategies) {
					const made = await situation('BUG-003');
					try {
						const commits = await everyCommit(made, made.home, made.alpha, made.beta);
						for (const name of order) {
							const session = await made.homeport.find(name);
							const request = { strategy, direction, branch: null, from: null };
							await made.homeport.sync(session, request, async (plan) => ({
								proceed: true,
								accepted: plan.warnings.map(({ code }) => code),
							}));
						}
						await requireAllKept(made, commits, `${strategy} ${direction}`);
						const branches = await made.git(made.home, 'log', '--format=%s', '--all');
						assert.deepStrictEqual(
							['X', 'H1', 'A1', 'A2', 'B1', 'B2'].filter((subject) => !branches.split('\n').includes(subject)),
							[],
						);
					} finally {
						await made.dispose();
					}
				}
			});
		}

		it('has a row for each, and no other', () => {
			assert.deepStrictEqual(rows.toSorted(), expected.toSorted());
		});
	});
}
