import { deepStrictEqual } from 'node:assert/strict';
import { HomeportError } from '../../src/core/base/errors.js';
import { unopened } from '../../src/ui/tree/snapshot.js';
import type { Snapshot } from '../../src/ui/tree/snapshot.js';
import { askedPlaces, viewState } from '../../src/ui/tree/viewState.js';
import { sessionView } from '../support/sessionViews.js';

describe('an empty tree', () => {
	const empty: Snapshot = { ...unopened, state: 'noSessions', root: '/home' };
	const failed = (problem: unknown): Snapshot => ({ ...empty, problems: [problem] });

	it('has a reason, and names where sessions were looked for', () => {
		const said = (snapshot: Snapshot, shown = 0): unknown[] => [viewState(snapshot, shown), ...askedPlaces(snapshot)];
		deepStrictEqual(
			[
				said(unopened),
				said({ ...empty, state: 'untrusted' }),
				said({ ...empty, state: 'failed', error: new Error('x') }),
				said(empty),
				said({ ...empty, listed: ['prod/agents', 'default/api:6443/kube:admin/data'] }),
				said(failed(new HomeportError('kubeconfig-damaged', { path: '/kubeconfig' }))),
				said(failed(new HomeportError('credentials-failed', { context: 'prod' }))),
				said(failed(new HomeportError('cluster-unauthorized', { context: 'prod' }))),
				said(failed(new HomeportError('cluster-forbidden', { context: 'prod' }))),
				said(failed(new HomeportError('cluster-timed-out', { context: 'prod' }))),
				said(failed(new HomeportError('state-damaged', { path: '/sync-config.json' }))),
				said(failed(new Error('anything'))),
				said({ ...empty, state: 'ready', sessions: [sessionView()] }),
				said({ ...empty, state: 'ready', sessions: [sessionView()] }, 1),
			],
			[
				['unopened'],
				['untrusted'],
				['failed'],
				['noSessions'],
				['noSessionsThere', 'prod / agents', 'default/api:6443/kube:admin / data'],
				['kubeconfig'],
				['credentials', 'prod'],
				['credentials', 'prod'],
				['forbidden', 'prod'],
				['unreachable', 'prod'],
				['failed'],
				['failed'],
				['filtered'],
				['ready'],
			],
		);
	});

	it('is about the clusters that have the problem which it tells of', () => {
		const silent = (context: string): HomeportError => new HomeportError('cluster-timed-out', { context });
		const snapshot: Snapshot = {
			...empty,
			problems: [silent('prod'), new HomeportError('cluster-forbidden', { context: 'test' }), silent('staging')],
		};
		deepStrictEqual([viewState(snapshot, 0), ...askedPlaces(snapshot)], ['unreachable', 'prod', 'staging']);
	});
});
