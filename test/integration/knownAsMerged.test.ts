import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHomeRepository } from '../../src/core/git/home.js';
import { knownContent } from '../../src/core/git/sameContent.js';
import type { SyncRequest } from '../../src/core/model/plan.js';
import type { Warning } from '../../src/core/model/warning.js';
import { warningText } from '../../src/core/model/words.js';
import { writeCommits } from '../support/contentCorpus.js';
import { alike, makeScenario, merged, type Scenario } from '../support/contentScenarios.js';
import { type EngineFixture, engineFixture } from '../support/engineFixture.js';

const seeds = process.env['HOMEPORT_LONG'] === '1' ? 50 : 1;
const tip = 'refs/homeport/tip';

interface Row {
	readonly name: string;
	histories: number;
	/** Commits of the session that home has by content, and of those the ones that were known. */
	there: number;
	found: number;
	/** Commits that were said to be there and are not. */
	falseAlarms: number;
	/** Histories in which what is there was found exactly. */
	right: number;
}

describe('work that is known as merged', function () {
	this.timeout(0);
	const env: NodeJS.ProcessEnv = {
		PATH: process.env['PATH'],
		HOME: '/nonexistent',
		GIT_CONFIG_NOSYSTEM: '1',
		LC_ALL: 'C',
		GIT_CONFIG_COUNT: '1',
		GIT_CONFIG_KEY_0: 'core.fsync',
		GIT_CONFIG_VALUE_0: 'none',
	};

	async function knownOf(scenario: Scenario): Promise<number> {
		const folder = realpathSync(mkdtempSync(join(tmpdir(), 'homeport-known-')));
		try {
			execFileSync('git', ['init', '-q', '-b', 'main', folder], { env });
			writeCommits(folder, env, { ...scenario.refs, [tip]: scenario.tip });
			const oid = execFileSync('git', ['rev-parse', tip], { cwd: folder, env, encoding: 'utf8' }).trim();
			const found = await knownContent(await openHomeRepository(folder), oid, {
				deadline: AbortSignal.timeout(600_000),
			});
			assert.equal(found?.commits, scenario.commits);
			assert.ok(found.known !== null);
			return found.known;
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	}

	async function rowOf(name: string, make: Parameters<typeof makeScenario>[0]): Promise<Row> {
		const row: Row = { name, histories: 0, there: 0, found: 0, falseAlarms: 0, right: 0 };
		const scenarios = Array.from({ length: seeds }, (_, index) => makeScenario(make, index + 1));
		const found = await Promise.all(scenarios.map(knownOf));
		for (const [index, scenario] of scenarios.entries()) {
			const known = found[index]!;
			row.histories += 1;
			row.there += scenario.there;
			row.found += Math.min(known, scenario.there);
			row.falseAlarms += Math.max(0, known - scenario.there);
			row.right += known === scenario.there ? 1 : 0;
		}
		return row;
	}

	function printed(title: string, rows: readonly Row[]): string {
		const sum = (key: 'histories' | 'right' | 'there' | 'found' | 'falseAlarms'): number =>
			rows.reduce((total, row) => total + row[key], 0);
		const total = { name: title, ...Object.fromEntries(numbers.map((key) => [key, sum(key)])) } as unknown as Row;
		const line = (row: Row): string =>
			`${row.name.padEnd(58)}${numbers.map((key) => String(row[key]).padStart(8)).join('')}`;
		return [...rows, total].map(line).join('\n');
	}
	const numbers = ['histories', 'right', 'there', 'found', 'falseAlarms'] as const;

	it('is never more than home has, and little less, over many small histories', async () => {
		const tables: Row[][] = [];
		for (const group of [merged, alike]) {
			const rows: Row[] = [];
			for (const [name, make] of Object.entries(group)) {
				rows.push(await rowOf(name, make));
			}
			tables.push(rows);
		}
		const head = numbers.map((name) => (name === 'falseAlarms' ? 'false' : name === 'histories' ? 'made' : name));
		console.log(`${''.padEnd(58)}${head.map((name) => name.padStart(8)).join('')}`);
		console.log(printed('MERGED', tables[0]!));
		console.log(printed('ALIKE', tables[1]!));
		const rows = tables.flat();
		assert.ok(rows.reduce((total, row) => total + row.histories, 0) >= 50);
		assert.deepStrictEqual(
			rows.filter((row) => row.falseAlarms > 0).map((row) => row.name),
			[],
		);
		const [there, found] = [rows.map((row) => row.there), rows.map((row) => row.found)].map((numbers) =>
			numbers.reduce((total, number) => total + number, 0),
		);
		assert.ok(found! / there! > 0.9, `only ${found} of ${there} were found`);
	});
});

describe('work that is known as merged, to the user', () => {
	let fixture: EngineFixture;

	beforeEach(async () => {
		fixture = await engineFixture();
		await fixture.add('alpha', fixture.session);
	});

	afterEach(() => fixture.dispose());

	const request: SyncRequest = { strategy: 'branch', direction: 'home', branch: null, from: null };
	const notes = async (): Promise<Warning[]> =>
		(await fixture.homeport.plan(await fixture.homeport.find('alpha'), request)).warnings.filter(
			({ code }) => code === 'known-as-merged',
		);

	it('is a note of the plan and stands in the status, until home drops it', async () => {
		const { home, session, commit, git, homeport } = fixture;
		await commit(session, 'A1', { 'a.txt': 'one\n' });
		await commit(session, 'A2', { 'a.txt': 'one\ntwo\n' });
		await commit(home, 'squashed', { 'a.txt': 'one\ntwo\n' });
		const [found] = await notes();
		assert.deepStrictEqual(found, {
			code: 'known-as-merged',
			level: 'note',
			details: { branch: 'main', commits: 2, known: 2, target: 'main', how: 'squashed' },
		});
		assert.equal(warningText(found, 'cli'), 'All 2 commits of main are in main already, by content (squashed).');
		const [status] = await homeport.status([await homeport.find('alpha')]);
		assert.deepStrictEqual(status!.branches[0]!.known, {
			commits: 2,
			known: 2,
			target: 'refs/heads/main',
			how: 'squashed',
		});
		await git(home, 'revert', '--no-edit', 'HEAD');
		assert.deepStrictEqual(await notes(), []);
	});

	it('is told before a session is forgotten, beside what would be lost by it', async () => {
		const { home, session, commit, homeport } = fixture;
		await commit(session, 'A1', { 'a.txt': 'one\n' });
		const second = await commit(session, 'A2', { 'a.txt': 'one\ntwo\n' });
		const alpha = await homeport.find('alpha');
		assert.equal((await homeport.rescue(alpha)).outcome, 'synced');
		const before = await homeport.forgetPlan(alpha.id, {});
		assert.deepStrictEqual([before.lastCopies.map(({ subject }) => subject), before.known], [['A2', 'A1'], []]);
		await commit(home, 'squashed', { 'a.txt': 'one\ntwo\n' });
		const plan = await homeport.forgetPlan(alpha.id, {});
		const known = { commits: 2, known: 2, target: 'refs/heads/main', how: 'squashed' };
		assert.deepStrictEqual(
			[plan.lastCopies.map(({ oid }) => oid).includes(second), plan.known],
			[true, [{ name: 'main', known }]],
		);
	});

	it('says nothing where home has the commits themselves, and leaves nothing behind', async () => {
		const { home, session, commit, git, sync } = fixture;
		await commit(session, 'A1', { 'a.txt': 'one\n' });
		await commit(home, 'picked', { 'a.txt': 'one\n' });
		assert.equal((await notes()).length, 1);
		assert.deepStrictEqual(readdirSync(join(home, '.git/homeport/quarantine')), []);
		assert.equal((await sync('alpha')).outcome, 'synced');
		assert.deepStrictEqual(await notes(), []);
		assert.equal(await git(home, 'status', '--porcelain'), '');
	});

	it('cannot be told for more commits than it compares', async () => {
		const { home, session, git, homeport } = fixture;
		const input = Array.from(
			{ length: 501 },
			(_, index) => `commit refs/heads/many\ncommitter U <u@localhost> ${1_700_000_000 + index} +0000\ndata 1\nm\n`,
		).join('\n');
		await writeFile(join(session, '../stream'), input);
		await git(session, '-c', 'alias.import=!git fast-import --quiet <../stream', 'import');
		await git(session, 'symbolic-ref', 'HEAD', 'refs/heads/many');
		assert.equal((await homeport.rescue(await homeport.find('alpha'))).outcome, 'synced');
		const [status] = await homeport.status([await homeport.find('alpha')]);
		const many = status!.branches.find(({ name }) => name === 'many');
		assert.deepStrictEqual(many?.known, { commits: 501, known: null, target: null, how: null });
		assert.equal(await git(home, 'for-each-ref', 'refs/heads', '--format=%(refname)'), 'refs/heads/main');
	});
});
