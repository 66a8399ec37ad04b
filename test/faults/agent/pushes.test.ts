import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../../src/core/base/messages.js';
import type { SyncRequest } from '../../../src/core/model/plan.js';
import { engineFixture } from '../../support/engineFixture.js';
import agent from '../../support/busyAgent.sh';

const pushes = process.env['HOMEPORT_LONG'] === '1' ? 200 : 20;
const strategies = ['merge', 'branch', 'exclude', 'merge', 'overwrite'] as const;
const explained: ReadonlySet<string> = new Set([
	'session-tree-dirty',
	'session-tree-busy',
	'session-diverged',
	'overwrites-session',
]);

describe('an agent that commits, edits and holds its index while work comes in', function () {
	this.timeout(0);

	it(`loses nothing, and every push has landed or is explained (${pushes} pushes)`, async () => {
		const fixture = await engineFixture(async ({ home, git }) => {
			await git(home, 'config', 'user.name', 'Somebody');
			await git(home, 'config', 'user.email', 'somebody@example.org');
		});
		const { folder, home, session, env, commit, git, sync } = fixture;
		const [stop, notes] = [join(folder, 'stop'), join(folder, 'notes')];
		await commit(session, 'A0', { 'work.txt': 'start\n' });
		await fixture.add('alpha', session);
		writeFileSync(notes, '');
		const working = spawn('sh', ['-c', agent, 'agent', session, stop, notes], { env, stdio: 'ignore' });
		const ended = once(working, 'exit');
		try {
			const ways: Record<string, number> = {};
			const problems: string[] = [];
			for (let number = 1; number <= pushes; number += 1) {
				await commit(home, `H${number}`, { [`home/${number}.txt`]: `home ${number}\n` });
				const request: Partial<SyncRequest> = {
					direction: 'session',
					strategy: strategies[number % strategies.length]!,
				};
				const accepted = request.strategy === 'overwrite' ? ['overwrites-session'] : [];
				const result = await sync('alpha', accepted, request);
				const change = result.push?.find(({ action }) => action !== 'keep');
				const codes = result.warnings.map(({ code }) => code);
				const way =
					result.error === null
						? `${result.outcome} ${change?.beside === true ? codes.join(',') : (change?.action ?? 'keep')}`
						: `${result.outcome} ${describeError(result.error, 'cli').message}`;
				ways[way] = (ways[way] ?? 0) + 1;
				if (result.error === null && result.outcome === 'synced' && change !== undefined) {
					// Landed: the branch has it, or the agent's own log of it.
					const reached = await git(session, 'rev-list', '--all', '--reflog');
					problems.push(...(reached.includes(change.to!) ? [] : [`push ${number} is told to be there, and is not`]));
					const told = !change.beside || codes.some((code) => explained.has(code));
					problems.push(...(told ? [] : [`push ${number} went beside without a word`]));
				} else if (result.error === null || (result.error as { code?: string }).code !== 'changed-meanwhile') {
					problems.push(`push ${number}: ${way}`);
				}
			}
			writeFileSync(stop, '');
			await ended;
			const said = readFileSync(notes, 'utf8')
				.split('\n')
				.filter((line) => line !== '');
			problems.push(...said.filter((line) => line.startsWith('lost: ')));
			const subjects = new Set(
				`${await git(session, 'log', '--all', '--reflog', '--format=%s')}\n${await git(home, 'log', '--all', '--format=%s')}`.split(
					'\n',
				),
			);
			const commits = said.filter((line) => line.startsWith('agent '));
			problems.push(
				...commits.filter((subject) => !subjects.has(subject)).map((subject) => `lost the commit ${subject}`),
			);
			assert.deepStrictEqual(
				[problems, readFileSync(join(session, 'work.txt'), 'utf8')],
				[[], 'the last edit\n'],
				JSON.stringify(ways),
			);
			assert.equal(existsSync(join(session, '.git/index.lock')), false);
			assert.equal(await git(session, 'fsck', '--connectivity-only', '--no-dangling', '--no-progress'), '');
			assert.ok(commits.length > pushes / 4, `the agent committed ${commits.length} times`);
			process.stdout.write(`      ${JSON.stringify(ways)}, ${commits.length} commits of the agent\n`);
		} finally {
			writeFileSync(stop, '');
			await ended;
			await fixture.dispose();
		}
	});
});
