import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createLocalBackend } from '../../src/core/backends/local/localBackend.js';
import { systemClock } from '../../src/core/base/clock.js';
import { silentLogger } from '../../src/core/base/logger.js';
import { loadConfig } from '../../src/core/config/config.js';
import { syncFolderPath } from '../../src/core/coordination/syncFolder.js';
import { openHomeRepository } from '../../src/core/git/home.js';
import { dropRun } from '../../src/core/git/session/observe.js';
import type { Look } from '../../src/core/git/session/look.js';
import type { Session } from '../../src/core/model/session.js';
import type { SyncContext } from '../../src/core/sync/context.js';
import { execOf } from '../../src/core/sync/context.js';
import { lookAt } from '../../src/core/sync/look.js';
import { workingTree } from '../checks.js';
import { command } from '../commands.js';
import { emptyHome, openSession } from '../contenders.js';
import { numbers, put, sourcePath, sourceRepository, sourceText } from '../material.js';
import type { Contender, Row } from '../measure.js';

/** Observing a session and capturing one changed file, as every sync begins; beside `git status`. */
export function captureRow(files: number, runs: number): Row {
	return {
		name: 'capture',
		title: `capture, ${files} files, one changed`,
		aim: { text: '≤ 2 × git status', limit: (median) => 2 * median('git status') },
		runs,
		warmUps: 2,
		open: async (folder) => {
			const session = join(folder, 'session');
			const home = join(folder, 'home');
			await sourceRepository(session, files, 1000);
			await emptyHome(home);
			const opened = await openSession(home, `capture-${process.pid}`, session);
			const context = await contextOf(home);
			const next = numbers(17);
			return {
				contenders: [captureContender(context, opened.session, join(folder, 'aside')), statusContender(session)],
				next: async () => {
					await put(session, sourcePath(0), sourceText(next, 1000));
					// Work is seldom younger than a second when it is looked at; that case costs a second look.
					await setTimeout(1100);
				},
			};
		},
	};
}

function captureContender(context: SyncContext, session: Session, aside: string): Contender {
	return {
		name: 'homeport',
		prepare: async () => {
			let look: Look;
			return {
				run: async () => {
					look = await lookAt(context, session, { history: false, counted: [] }, {});
					return null;
				},
				check: async () => {
					const { capture, files } = look.observation;
					if (capture === null || !capture.quiet || files.length !== 1) {
						return 'the capture is not the one file';
					}
					const alternates = { GIT_ALTERNATE_OBJECT_DIRECTORIES: `${look.run}/objects` };
					const argv = ['git', '-C', session.workspace, 'rev-parse', `${capture.oid}^{tree}`];
					const tree = await command(argv, { env: alternates });
					const expected = await workingTree(session.workspace, aside);
					await rm(aside, { recursive: true, force: true });
					return tree === expected ? null : `the captured tree is ${tree} instead of ${expected}`;
				},
				dispose: async () => {
					if (look.run !== null) {
						await dropRun(execOf(context, session), look.run);
					}
				},
			};
		},
	};
}

function statusContender(session: string): Contender {
	return {
		name: 'git status',
		prepare: async () => {
			let printed = '';
			return {
				run: async () => {
					printed = await command(['git', '-C', session, 'status', '--porcelain']);
					return null;
				},
				check: async () => (printed === ` M ${sourcePath(0)}` ? null : 'git status does not name the one file'),
				dispose: async () => undefined,
			};
		},
	};
}

// What the facade makes for a sync; a look needs no more of it than this.
async function contextOf(path: string): Promise<SyncContext> {
	const home = await openHomeRepository(path);
	const { env } = process;
	const backend = createLocalBackend({ env, clock: systemClock, logger: silentLogger });
	const top = home.mainWorktree ?? home.commonDir;
	return {
		home,
		syncFolder: async () => syncFolderPath(top),
		config: await loadConfig(await syncFolderPath(top)),
		clock: systemClock,
		logger: silentLogger,
		env,
		lockWaitSeconds: 5,
		lockLeft: async () => false,
		backendOf: () => backend,
		sessionById: async () => null,
		askSession: async () => null,
		activeSessions: async () => [],
	};
}
