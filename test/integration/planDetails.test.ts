import { deepStrictEqual } from 'node:assert/strict';
import { openHome } from '../../src/core/homeport.js';
import type { Homeport } from '../../src/core/homeport.js';
import type { SyncRequest } from '../../src/core/model/plan.js';
import { bugFixture } from '../support/bugFixture.js';
import type { BugFixture } from '../support/bugFixture.js';

const branch: SyncRequest = { strategy: 'branch', direction: 'home', branch: null, from: null };

describe('the details of a plan', () => {
	let fixture: BugFixture;
	let homeport: Homeport;

	beforeEach(async () => {
		fixture = await bugFixture();
		homeport = await openHome({ repo: fixture.home, env: { PATH: process.env['PATH'], HOME: fixture.folder } });
		await homeport.add('beta', fixture.beta, 'claude');
	});

	afterEach(() => fixture.dispose());

	const detailsOf = async (request: SyncRequest): Promise<unknown[]> => {
		const details = await homeport.planDetails(await homeport.plan(await homeport.find('beta'), request));
		return details.map(({ ref, side, gained, lost, files }) => [
			side,
			ref,
			gained.map(({ subject }) => subject),
			lost.map(({ subject }) => subject),
			files.map(({ path, kind }) => `${path} ${kind}`),
		]);
	};

	it('name the commits and files that a new branch brings, and those that an overwrite takes', async () => {
		deepStrictEqual(await detailsOf(branch), [
			['home', 'refs/heads/claude/beta', ['B2', 'B1'], [], ['B1.txt added', 'B2.txt added']],
		]);
		deepStrictEqual(await detailsOf({ ...branch, strategy: 'overwrite' }), [
			['home', 'refs/heads/main', ['B2', 'B1'], ['H1'], ['B1.txt added', 'B2.txt added', 'H1.txt removed']],
		]);
	});

	it('name what a branch of the session would gain', async () => {
		const push: SyncRequest = { ...branch, direction: 'session', branch: 'main', from: 'of-home' };
		deepStrictEqual(await detailsOf(push), [['session', 'refs/heads/of-home', ['H1'], [], ['H1.txt added']]]);
	});

	it('name what a merge brings that would stop at a conflict, though its commit is not made', async () => {
		const merge: SyncRequest = { ...branch, strategy: 'merge' };
		deepStrictEqual(await detailsOf(merge), [
			['home', 'refs/heads/main', ['B2', 'B1'], [], ['B1.txt added', 'B2.txt added']],
		]);
	});
});
