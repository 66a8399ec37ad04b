import type { Command } from 'commander';
import { shownText } from '../../core/base/text.js';
import type { LockStatus } from '../../core/model/report.js';
import { versioned } from '../documents.js';
import type { Run } from '../run.js';
import { durationText } from '../show/status.js';

/** `lock status` and `lock break`. */
export function registerLockCommands(program: Command, run: Run): void {
	const lock = program.command('lock').description('the lock that one Homeport at a time holds');

	lock
		.command('status')
		.description('who holds it')
		.action((_options: object, command: Command) =>
			run(command, async (call) => {
				const status = await (await call.home()).lockStatus();
				call.print(lockDocument(status), () => lockLines(status));
				return 0;
			}),
		);

	lock
		.command('break')
		.description('end a lock whose owner is gone')
		.action((_options: object, command: Command) =>
			run(command, async (call) => {
				const home = await call.home();
				const status = call.options.dryRun === true ? await home.lockStatus() : await home.breakLock();
				call.print(lockDocument(status), () => lockLines(status));
				return 0;
			}),
		);
}

function lockDocument(status: LockStatus): object {
	const { held, pid, host, owner, ageSeconds, purpose } = status;
	return versioned({
		held,
		pid,
		host: host === null ? null : shownText(host),
		owner,
		ageSeconds,
		purpose: purpose === null ? null : shownText(purpose),
	});
}

function lockLines(status: LockStatus): string[] {
	if (!status.held) {
		return ['nobody holds the lock'];
	}
	const owners = { alive: 'alive', gone: 'gone', unknown: 'not known to live or to be gone' } as const;
	const parts = [
		`held by process ${status.pid ?? 'unknown'}`,
		status.host === null ? '' : ` on ${shownText(status.host)}`,
		` (${owners[status.owner]})`,
		status.purpose === null ? '' : ` for ${shownText(status.purpose)}`,
		status.ageSeconds === null ? '' : `, last heard of ${durationText(status.ageSeconds)} ago`,
	];
	return [parts.join('')];
}
