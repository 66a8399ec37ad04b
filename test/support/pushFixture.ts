import { describeError } from '../../src/core/base/messages.js';
import type { SyncRequest } from '../../src/core/model/plan.js';
import type { SyncResult } from '../../src/core/model/report.js';
import { type EngineFixture, engineFixture } from './engineFixture.js';

/** What makes a sync one that goes out. */
export const out: Partial<SyncRequest> = { direction: 'session' };

/** A home whose git knows its user, and its session `alpha`. */
export async function pushFixture(): Promise<EngineFixture> {
	const fixture = await engineFixture(async ({ home, git }) => {
		await git(home, 'config', 'user.name', 'Somebody');
		await git(home, 'config', 'user.email', 'somebody@example.org');
	});
	await fixture.add('alpha', fixture.session);
	return fixture;
}

/** How a push ended, in a form that reads well in a test. */
export function told(result: SyncResult): { outcome: string; codes: string[]; push: string[] | undefined } {
	return {
		outcome: result.error === null ? result.outcome : describeError(result.error, 'cli').message,
		codes: result.warnings.map(({ code, level }) => `${code} ${level}`),
		push: result.push?.map(({ ref, action, beside }) => `${action} ${ref}${beside ? ' beside' : ''}`),
	};
}
