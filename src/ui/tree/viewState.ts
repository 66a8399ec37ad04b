import { HomeportError } from '../../core/base/errors.js';
import type { ErrorCode } from '../../core/base/errors.js';
import { shownText } from '../../core/base/text.js';
import { scopeParts } from './arrangement.js';
import type { Snapshot } from './snapshot.js';

/**
 * What the view has to show; all but `unopened` and `ready` stand for an empty tree, and each has a welcome text.
 * `noSessionsThere`: nor in the namespaces of the clusters that were asked.
 */
type ViewState =
	| Snapshot['state']
	| 'filtered'
	| 'noSessionsThere'
	| 'kubeconfig'
	| 'credentials'
	| 'forbidden'
	| 'unreachable';

/** Why the tree is empty, or that it is not. `shown` is how many sessions the filter lets through. */
export function viewState({ state, sessions, listed, problems }: Snapshot, shown: number): ViewState {
	if (sessions.length > 0) {
		return shown === 0 ? 'filtered' : 'ready';
	}
	if (state !== 'noSessions') {
		return state;
	}
	if (problems.length > 0) {
		return stateOf(problems[0]);
	}
	return listed.length > 0 ? 'noSessionsThere' : 'noSessions';
}

/** The contexts and namespaces that an empty tree is about, `prod / agents` each; where there is a problem, the contexts that have it. */
export function askedPlaces({ listed, problems }: Snapshot): string[] {
	if (problems.length > 0) {
		const same = problems.filter((problem) => stateOf(problem) === stateOf(problems[0]));
		const contexts = same.map((problem) => (problem instanceof HomeportError ? problem.details['context'] : null));
		return contexts.filter((context) => typeof context === 'string').map((context) => shownText(context, 100));
	}
	return listed.map((scope) => {
		const { context, namespace } = scopeParts(scope);
		return shownText(`${context} / ${namespace}`, 100);
	});
}

function stateOf(problem: unknown): ViewState {
	const code = problem instanceof HomeportError ? problem.code : null;
	return (code === null ? undefined : states[code]) ?? 'failed';
}

const states: Partial<Record<ErrorCode, ViewState>> = {
	'kubeconfig-damaged': 'kubeconfig',
	'kubeconfig-foreign': 'kubeconfig',
	'context-unknown': 'kubeconfig',
	'credentials-failed': 'credentials',
	'cluster-unauthorized': 'credentials',
	'cluster-forbidden': 'forbidden',
	'cluster-unreachable': 'unreachable',
	'cluster-timed-out': 'unreachable',
	'cluster-busy': 'unreachable',
	'cluster-failed': 'unreachable',
};
