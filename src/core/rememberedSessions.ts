import type { ClusterLook } from './backends/kubernetes/kubernetesBackend.js';
import { describeError } from './base/messages.js';
import type { Session } from './model/session.js';

/**
 * The sessions of clusters that home has a ledger of and that this look did not list, so that what they held stays in
 * sight: `missing` where the cluster answered, `unreachable` where it could not be asked. Sessions of clusters and
 * namespaces that nobody asked for are none of them.
 */
export function rememberedSessions(ledgers: readonly string[], look: ClusterLook, home: string): Session[] {
	const there = new Set(look.sessions.map(({ id }) => id));
	return ledgers.flatMap((id) => {
		const [, scope, context, name] = /^kubernetes\/((.+)\/[^/]+)\/([^/]+)$/.exec(id) ?? [];
		if (scope === undefined || context === undefined || name === undefined || there.has(id)) {
			return [];
		}
		const listed = look.listed.includes(scope);
		const problem = look.problems.find((one) => !listed && (one.context === context || one.context === ''));
		if (problem === undefined && !listed) {
			return [];
		}
		const session: Session = {
			id,
			name,
			backend: 'kubernetes',
			scope,
			agent: 'unknown',
			...(problem === undefined
				? { state: 'missing', reason: 'the cluster does not list it any more' }
				: { state: 'unreachable', reason: describeError(problem.error, 'cli').message }),
			workspace: '',
			gitDir: null,
			storage: '',
			home,
			worktreeOfHome: false,
		};
		return [session];
	});
}
