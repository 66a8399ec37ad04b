import { strict as assert } from 'node:assert';
import type { Direction, Strategy } from '../../src/core/model/plan.js';
import type { SyncResult } from '../../src/core/model/report.js';
import { type AnyClusterFixture, anyClusterFixture } from '../support/clusterFixture.js';
import type { TestPod } from '../support/testCluster.js';

const strategies: readonly Strategy[] = ['branch', 'merge', 'overwrite', 'exclude'];
const directions: readonly Direction[] = ['home', 'session', 'both'];
const isLong = process.env['HOMEPORT_LONG'] === '1';
/** Each strategy and each direction once at least; the long run goes through all of them. */
const pairs: readonly (readonly [Strategy, Direction])[] = isLong
	? strategies.flatMap((strategy) => directions.map((direction) => [strategy, direction] as const))
	: [
			['branch', 'home'],
			['merge', 'both'],
			['overwrite', 'session'],
			['overwrite', 'home'],
			['exclude', 'home'],
		];

describe('two sessions in pods, on one codebase', function () {
	this.timeout(120_000);
	let fixture: AnyClusterFixture;

	beforeEach(async () => {
		fixture = await anyClusterFixture();
	});
	afterEach(() => fixture.dispose());

	/** What a branch of the session has, and every file there: what must be in the ledger of home afterwards. */
	async function worked(name: string): Promise<{ pod: TestPod; commits: string[] }> {
		const { addPod, commitIn, inPod } = fixture;
		const pod = await addPod(name);
		const commits = [
			await commitIn(pod, `${name} 1`, { [`${name}.txt`]: name }),
			await commitIn(pod, `${name} 2`, { 'shared.txt': `${name}\n` }),
		];
		await inPod(pod, `echo '${name} loose' >loose.txt`);
		return { pod, commits };
	}

	const told = ({ outcome, error, opened }: SyncResult): string =>
		error === null ? (opened === undefined ? outcome : 'opened') : String(error);

	for (const [strategy, direction] of pairs) {
		it(`${strategy} ${direction}: lose no commit and no file of anyone`, async () => {
			const { home, git, commit, homeport, sync, inPod } = fixture;
			await git(home, 'config', 'user.name', 'Somebody');
			await git(home, 'config', 'user.email', 'somebody@example.org');
			const all = [await worked('alpha'), await worked('beta')];
			const ours = [await commit(home, 'H1', { 'home.txt': 'home\n' })];
			const before = await Promise.all(all.map(({ pod }) => inPod(pod, 'git rev-parse HEAD; git status --porcelain')));
			const asked: string[] = [];
			for (const name of ['alpha', 'beta', 'alpha']) {
				const result = await homeport.sync(
					await homeport.find(name),
					{ strategy, direction, branch: null, from: null },
					async ({ warnings }) => {
						const codes = warnings.filter(({ level }) => level === 'ask').map(({ code }) => code);
						asked.push(...codes);
						return { proceed: true, accepted: codes };
					},
				);
				assert.match(told(result), /^(?:synced|up-to-date|opened)$/, name);
			}
			const kept = new Set((await git(home, 'rev-list', '--all')).split('\n'));
			const lost = [...ours, ...all.flatMap(({ commits }) => commits)].filter((oid) => !kept.has(oid));
			assert.deepStrictEqual(lost, [], `home has lost commits; asked: ${asked.join(' ')}`);
			for (const [index, name] of ['alpha', 'beta'].entries()) {
				const { pod, commits } = all[index]!;
				const entries = await homeport.ledger(fixture.idOf(name));
				const captures = entries.flatMap(({ capture }) => (capture === null ? [] : [capture.oid]));
				const loose = await Promise.all(captures.map((oid) => git(home, 'show', `${oid}:loose.txt`)));
				assert.ok(loose.includes(`${name} loose`), name);
				assert.equal(await inPod(pod, 'cat loose.txt'), `${name} loose`);
				const there = (await inPod(pod, 'git rev-list --all --reflog')).split('\n');
				assert.deepStrictEqual(
					commits.filter((oid) => !there.includes(oid)),
					[],
					`${name} has lost commits`,
				);
				await inPod(pod, 'git fsck --strict');
				if (direction === 'home') {
					assert.equal(await inPod(pod, 'git rev-parse HEAD; git status --porcelain'), before[index]);
				}
			}
			await git(home, 'fsck', '--strict');
			if (strategy === 'branch' && direction === 'home') {
				const branches = await git(home, 'for-each-ref', '--format=%(refname:short) %(objectname)', 'refs/heads');
				assert.deepStrictEqual(branches.split('\n'), [
					`claude/alpha ${all[0]!.commits[1]}`,
					`claude/beta ${all[1]!.commits[1]}`,
					`main ${ours[0]}`,
				]);
			}
			assert.match(told(await sync('beta')), /^(?:synced|up-to-date)$/);
		});
	}
});
